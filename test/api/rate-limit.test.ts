import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { listedScopes } from '../../src/throttling.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient } from '../support/factories.ts'
import { ask, type LimitedPod, limitedPod, newAddress } from '../support/limits.ts'
import { signedIn, someTokens } from '../support/oauth-flow.ts'

let pod: LimitedPod
beforeAll(async () => {
  pod = await limitedPod('login=3/hour,signup=unlimited')
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))
afterEach(() => vi.useRealTimers())

interface Status {
  enabled: boolean
  ident: { type: string; id: string }
  scopes: { id: string; rate: string | null; remaining: number | null; [name: string]: unknown }[]
}

async function status(from: string, path = '/api/v1/rate-limit', headers: Record<string, string> = {}) {
  const answer = await ask(pod, path, { from, headers })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return (await answer.json()) as Status
}

const scopeIn = ({ scopes }: Status, id: string) => scopes.find((scope) => scope.id === id)

test('lists all 27 scopes by id, both identity types, with what nobody used', async () => {
  const from = newAddress()
  const answer = await status(from)
  expect(answer).toMatchObject({ enabled: true, ident: { type: 'anonymous', id: from } })
  expect(answer.scopes.map(({ id }) => id)).toEqual(listedScopes().sort())
  expect(answer.scopes).toHaveLength(27)
  expect(scopeIn(answer, 'authenticated-create')).toEqual({
    id: 'authenticated-create',
    rate: '1000/hour',
    description: expect.stringMatching(/.+/),
    limit: 1000,
    duration: 3600,
    remaining: 1000,
    available: null,
    available_seconds: null,
    reset: null,
    reset_seconds: null,
  })
})

test('tells what remains and when all of it is back', async () => {
  const from = newAddress()
  vi.setSystemTime(new Date('2026-01-31T11:58:20Z'))
  await ask(pod, '/api/v1/users/login', { method: 'POST', from })
  vi.setSystemTime(new Date('2026-01-31T11:59:59Z'))
  await ask(pod, '/api/v1/users/login', { method: 'POST', from })
  vi.setSystemTime(new Date('2026-01-31T12:00:00Z'))
  const now = Date.now() / 1000
  expect(scopeIn(await status(from), 'login')).toMatchObject({
    remaining: 1,
    available: null,
    available_seconds: null,
    reset: now + 3599,
    reset_seconds: 3599,
  })

  await ask(pod, '/api/v1/users/login', { method: 'POST', from })
  expect(scopeIn(await status(from), 'login')).toMatchObject({
    rate: '3/hour',
    remaining: 0,
    available: now + 3500,
    available_seconds: 3500,
    reset: now + 3600,
    reset_seconds: 3600,
  })
})

test('an unlimited scope has no numbers', async () => {
  const told = Object.entries(scopeIn(await status(newAddress()), 'signup') ?? {})
  expect(told.filter(([, value]) => value !== null).map(([name]) => name)).toEqual(['id', 'description'])
  expect(told).toHaveLength(10)
})

test('asking is never counted, with or without the slash', async () => {
  const from = newAddress()
  for (let time = 0; time < 20; time++) await status(from, '/api/v1/rate-limit/')
  expect(scopeIn(await status(from), 'anonymous-wildcard')?.remaining).toBe(1000)
})

test('answers even when nothing else does', async () => {
  const closed = await limitedPod('anonymous-wildcard=0/min')
  expect((await ask(closed, '/')).status).toBe(429)
  expect((await ask(closed, '/api/v1/rate-limit')).status).toBe(200)
  await closed.close()
})

test('a user’s is theirs wherever they are', async () => {
  const { user } = await signedIn(pod)
  const { access_token } = await someTokens(pod, await aClient(pod.db), { user })
  const headers = { authorization: `Bearer ${access_token}` }
  await ask(pod, '/api/v1/users/me', { from: newAddress(), headers })
  const answer = await status(newAddress(), '/api/v1/rate-limit', headers)
  expect(answer.ident).toEqual({ type: 'authenticated', id: String(user.id) })
  expect(scopeIn(answer, 'authenticated-wildcard')?.remaining).toBeLessThan(2000)
  expect(scopeIn(answer, 'anonymous-wildcard')?.remaining).toBe(1000)
})

test('an IPv6 client is told its network', async () => {
  expect((await status('2001:db8:7:8:9::1')).ident).toEqual({ type: 'anonymous', id: '2001:db8:7:8::/64' })
})

test('works while limits are off', async () => {
  const off = await limitedPod('', { throttlingEnabled: false })
  const answer = (await (await ask(off, '/api/v1/rate-limit')).json()) as Status
  expect(answer).toMatchObject({ enabled: false, ident: { type: 'anonymous', id: '127.0.0.1' } })
  expect(answer.scopes).toHaveLength(27)
  expect(scopeIn(answer, 'login')).toMatchObject({ rate: '30/hour', remaining: 30 })
  await off.close()
})

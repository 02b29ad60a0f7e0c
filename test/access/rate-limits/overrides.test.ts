import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { listOverrides, removeOverride, setOverride } from '../../../src/access/rate-limits/overrides.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { ask, type LimitedPod, limitedPod, limitOf, newAddress } from '../../support/limits.ts'
import { someTokens } from '../../support/oauth-flow.ts'
import { basic } from '../../support/requests.ts'

let pod: LimitedPod
beforeAll(async () => {
  pod = await limitedPod('authenticated-wildcard=3/hour,oauth-token=20/hour')
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

/** A user who uses a client, and what the limit says of their next request with its token. */
async function aCaller(registered?: Awaited<ReturnType<typeof aClient>>) {
  const client = registered ?? (await aClient(pod.db))
  const user = await aUser(pod.db)
  const { access_token } = await someTokens(pod, client, { user })
  const headers = { authorization: `Bearer ${access_token}` }
  return { user, client, next: async () => limitOf(await ask(pod, '/api/v1/users/me', { headers })) }
}

/** Changes by the CLI come within seconds, without a restart. */
const soon = (expectation: () => Promise<void>) => vi.waitFor(expectation, { timeout: 6_000, interval: 100 })

describe('a rate of one user', () => {
  test('applies within seconds, and goes within seconds', async () => {
    const { user, next } = await aCaller()
    expect(await next()).toMatchObject({ limit: 3, remaining: 2 })
    await setOverride(pod.db, 'authenticated-wildcard', '500/hour', { username: user.username.toUpperCase() })
    await soon(async () => expect((await next()).limit).toBe(500))

    await setOverride(pod.db, 'authenticated-wildcard', 'unlimited', { username: user.username })
    await soon(async () => expect((await next()).limit).toBeNaN())
    expect((await next()).status).toBe(200)

    expect(await removeOverride(pod.db, 'authenticated-wildcard', { username: user.username })).toBe(true)
    await soon(async () => expect(await next()).toMatchObject({ status: 429, limit: 3 }))
  })

  test('is of nobody else', async () => {
    const [one, other] = [await aCaller(), await aCaller()]
    await setOverride(pod.db, 'authenticated-wildcard', '9/hour', { username: one.user.username })
    await soon(async () => expect((await one.next()).limit).toBe(9))
    expect((await other.next()).limit).toBe(3)
  })
})

describe('a rate of one client', () => {
  test('is counted for each of its users, apart from what they do elsewhere', async () => {
    const client = await aClient(pod.db)
    const [one, other] = [await aCaller(client), await aCaller(client)]
    await setOverride(pod.db, 'authenticated-wildcard', '50/hour', { clientId: client.client.clientId })
    await soon(async () => expect((await one.next()).limit).toBe(50))
    const { remaining } = await one.next()
    expect((await other.next()).remaining).toBe(49)
    expect((await one.next()).remaining).toBe(remaining - 1)

    const { access_token } = await someTokens(pod, await aClient(pod.db), { user: one.user })
    const elsewhere = await ask(pod, '/api/v1/users/me', { headers: { authorization: `Bearer ${access_token}` } })
    expect(limitOf(elsewhere)).toMatchObject({ limit: 3 })
  })

  test.each(['basic', 'body'])('holds where the client says who it is: in the %s', async (way) => {
    const { client, secret } = await aClient(pod.db)
    const from = newAddress()
    const ofBody = way === 'body' && { client_id: client.clientId, client_secret: secret }
    const token = async (headers: Record<string, string> = way === 'basic' ? basic(client.clientId, secret) : {}) =>
      ask(pod, '/api/v1/oauth/token', {
        method: 'POST',
        from,
        headers,
        body: new URLSearchParams({ grant_type: 'client_credentials', ...ofBody }),
      })
    await setOverride(pod.db, 'oauth-token', '5000/hour', { clientId: client.clientId })
    await soon(async () => expect(limitOf(await token()).limit).toBe(5000))
    expect(limitOf(await token())).toMatchObject({ status: 200, limit: 5000 })

    const broken = await ask(pod, '/api/v1/oauth/token', {
      method: 'POST',
      from: newAddress(),
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect(limitOf(broken)).toMatchObject({ status: 400, scope: 'oauth-token', limit: 20, remaining: 19 })
  })
})

describe('the admin', () => {
  test('is told what is wrong', async () => {
    const { username } = await aUser(pod.db)
    const problemOf = (work: Promise<unknown>) => work.catch((error: unknown) => error)
    expect(await problemOf(setOverride(pod.db, 'logn', '5/m', { username }))).toHaveProperty('fields.scope')
    expect(await problemOf(setOverride(pod.db, 'login', '5/week', { username }))).toHaveProperty('fields.rate')
    expect(await problemOf(setOverride(pod.db, 'login', '5/m', { username: 'nobody' }))).toHaveProperty(
      'kind',
      'not_found',
    )
    expect(await problemOf(setOverride(pod.db, 'login', '5/m', { clientId: 'none' }))).toHaveProperty('fields.client')
    expect(await removeOverride(pod.db, 'login', { username })).toBe(false)
  })

  test('sees who has a rate of their own', async () => {
    const { username } = await aUser(pod.db)
    const { client } = await aClient(pod.db)
    await setOverride(pod.db, 'oauth-token', '5/m', { clientId: client.clientId })
    await setOverride(pod.db, 'fetch', '5/m', { username })
    await setOverride(pod.db, 'fetch', '7/m', { username })
    const rows = await listOverrides(pod.db)
    expect(rows.map((row) => [row.scope, row.rate, row.user?.username ?? row.client?.clientId])).toEqual([
      ['fetch', '7/m', username],
      ['oauth-token', '5/m', client.clientId],
    ])
  })

  test('deletes rates with their owner', async () => {
    const { id, username } = await aUser(pod.db)
    await setOverride(pod.db, 'fetch', '5/m', { username })
    await pod.db.user.delete({ where: { id } })
    expect(await listOverrides(pod.db)).toEqual([])
  })
})

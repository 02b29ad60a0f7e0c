import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { emptyDatabase } from '../support/database.ts'
import { type AskOptions, ask, type LimitedPod, limitedPod, limitOf, newAddress } from '../support/limits.ts'
import { anApp } from '../support/mastodon.ts'
import { someTokens } from '../support/oauth-flow.ts'

let pod: LimitedPod
beforeAll(async () => {
  pod = await limitedPod('oauth-token=2/min,oauth-revoke-token=2/min,oauth-authorize=2/min')
})
afterAll(() => pod.close())
afterEach(() => vi.useRealTimers())
beforeEach(() => emptyDatabase(pod.db))

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const post = (path: string, from: string, options: AskOptions = {}) =>
  ask(pod, path, { method: 'POST', from, body: new URLSearchParams({ client_name: 'Elephant' }), ...options })

describe('registering at /api/v1/apps', () => {
  test('is limited to 30 in 10 minutes, beside what Funkwhale’s apps have', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const from = newAddress()
    const first = await post('/api/v1/apps', from)
    expect(limitOf(first)).toEqual({ status: 200, scope: 'mastodon-app', limit: 30, remaining: 29, retryAfter: 0 })
    expect(first.headers.get('x-ratelimit-duration')).toBe('600')
    for (let count = 2; count <= 30; count++) expect((await post('/api/v1/apps', from)).status).toBe(200)
    const refused = await post('/api/v1/apps', from)
    expect(limitOf(refused)).toMatchObject({ status: 429, remaining: 0, retryAfter: 600 })
    expect(await refused.json()).toEqual({ error: expect.stringContaining('600 seconds') })
    expect(refused.headers.get('x-ratelimit-reset')).toMatch(iso)
    const body = new URLSearchParams({ name: 'Whale' })
    expect((await post('/api/v1/oauth/apps', from, { body })).status).toBe(201)
    vi.setSystemTime(Date.now() + 600_000)
    expect((await post('/api/v1/apps', from)).status).toBe(200)
  })

  test('counts by address, whatever token comes along', async () => {
    const from = newAddress()
    for (let count = 1; count <= 30; count++) await post('/api/v1/apps', from)
    const { access_token } = await someTokens(pod, await anApp(pod))
    const headers = { authorization: `Bearer ${access_token}` }
    expect((await post('/api/v1/apps', from, { headers })).status).toBe(429)
    expect((await post('/api/v1/apps', newAddress(), { headers })).status).toBe(200)
  })

  test('can be configured, or not limited at all', async () => {
    const other = await limitedPod('mastodon-app=1/2h')
    const open = await limitedPod('mastodon-app=unlimited')
    const from = newAddress()
    const send = (to: LimitedPod) => ask(to, '/api/v1/apps', { method: 'POST', from, body: new URLSearchParams() })
    expect(limitOf(await send(other))).toMatchObject({ status: 422, limit: 1, remaining: 0 })
    expect(limitOf(await send(other))).toMatchObject({ status: 429, retryAfter: expect.any(Number) })
    for (let count = 0; count < 40; count++) expect((await send(open)).status).toBe(422)
    await Promise.all([other.close(), open.close()])
  })
})

describe('the aliases', () => {
  test.each([
    ['POST', '/oauth/token', '/api/v1/oauth/token', 'oauth-token'],
    ['POST', '/oauth/revoke', '/api/v1/oauth/revoke', 'oauth-revoke-token'],
    ['GET', '/oauth/authorize', '/authorize', 'oauth-authorize'],
    ['GET', '/oauth/authorize', '/api/v1/oauth/authorize', 'oauth-authorize'],
  ])('%s %s counts with %s (S78)', async (method, alias, twin, scope) => {
    const from = newAddress()
    expect(limitOf(await ask(pod, alias, { method, from }))).toMatchObject({ scope, limit: 2, remaining: 1 })
    expect(limitOf(await ask(pod, twin, { method, from }))).toMatchObject({ scope, limit: 2, remaining: 0 })
    const refused = await ask(pod, `${alias}/`, { method, from })
    expect(limitOf(refused)).toMatchObject({ status: 429, scope, remaining: 0 })
    expect(refused.headers.get('x-ratelimit-reset')).toMatch(iso)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test.each(['/oauth/token', '/oauth/revoke'])('%s refuses in JSON, for any origin', async (path) => {
    const from = newAddress()
    for (let count = 0; count < 2; count++) await post(path, from)
    const answer = await post(path, from, { headers: { origin: 'https://client.example' } })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([429, '*'])
    expect(await answer.json()).toEqual({ error: 'slow_down', error_description: expect.stringContaining('seconds') })
  })

  test.each(['/oauth/token', '/api/v1/apps', '/oauth/authorize', '/.well-known/oauth-authorization-server'])(
    '%s writes X-RateLimit-Reset as ISO 8601',
    async (path) => {
      expect((await ask(pod, path, { from: newAddress() })).headers.get('x-ratelimit-reset')).toMatch(iso)
    },
  )

  test.each(['/api/v1/oauth/token', '/authorize', '/.well-known/nodeinfo'])(
    '%s writes it in UNIX seconds',
    async (path) => {
      expect((await ask(pod, path, { from: newAddress() })).headers.get('x-ratelimit-reset')).toMatch(/^\d+$/)
    },
  )
})

describe('scripts of any site', () => {
  const origin = 'https://client.example'

  test.each([
    '/oauth/token',
    '/oauth/revoke',
    '/oauth/userinfo',
    '/api/v1/apps',
    '/.well-known/oauth-authorization-server',
  ])('may call %s, after asking without authentication, and read all it says', async (path) => {
    const asking = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-odd',
    }
    const preflight = await ask(pod, path, { method: 'OPTIONS', from: newAddress(), headers: asking })
    expect(Math.floor(preflight.status / 100)).toBe(2)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-odd')
    for (const method of ['POST', 'DELETE']) {
      const answer = await ask(pod, path, { method, from: newAddress(), headers: { origin } })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/Retry-After/i)
    }
  })

  test.each(['/oauth/authorize', '/oauth/authorize/code', '/login', '/oauth/%61uthorize'])(
    'may not call %s',
    async (path) => {
      const answer = await ask(pod, path, { from: newAddress(), headers: { origin } })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})

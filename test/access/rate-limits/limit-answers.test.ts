import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { ask, type LimitedPod, limitedPod, limitOf, newAddress } from '../../support/limits.ts'
import { form } from '../../support/requests.ts'
import { allRoutes } from '../../support/routes.ts'

let pod: LimitedPod
beforeAll(async () => {
  pod = await limitedPod('anonymous-wildcard=5/min,authenticated-wildcard=4/min,oauth-token=3/min,login=3/min')
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))
afterEach(() => vi.useRealTimers())

describe('every answer tells how its receiver stands (S74)', () => {
  const names = ['limit', 'scope', 'remaining', 'duration', 'reset', 'resetseconds'].map(
    (name) => `x-ratelimit-${name}`,
  )
  const all = [...names, 'retry-after', 'ratelimit', 'ratelimit-policy']
  const told = (headers: Headers) => all.filter((name) => headers.has(name))

  test('of every route', async () => {
    const generous = await testApp({ throttlingEnabled: true })
    for (const { method, url } of await allRoutes()) {
      const answer = await generous.app.inject({ method: method as 'GET', url, headers: { accept: 'text/html' } })
      for (const name of all) expect(answer.headers, `${method} ${url} ${answer.statusCode}`).toHaveProperty(name)
    }
    await generous.close()
  })

  test.each([
    ['a page', 200, '/login', {}],
    ['a redirect', 303, '/settings/password', { headers: { accept: 'text/html' } }],
    ['a file', 200, '/assets/pages.css', {}],
    ['a file that is not there', 404, '/assets/nothing.css', {}],
    ['an address that is no address', 400, '/%zz', {}],
    ['a query that is no query', 400, '/?a=%zz', {}],
    ['an authorization header without a token', 400, '/', { headers: { authorization: 'Bearer' } }],
    ['nothing that is known', 404, '/api/v1/nowhere', {}],
    ['no credentials', 401, '/api/v1/users/me', {}],
    ['a method that is not offered', 405, '/login', { method: 'PUT' }],
    [
      'no JSON',
      400,
      '/api/v1/oauth/token',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
    ],
    [
      'too long a body',
      413,
      '/api/v1/oauth/token',
      { method: 'POST', body: new URLSearchParams({ a: 'x'.repeat(70_000) }) },
    ],
    ['another type', 415, '/api/v1/oauth/token', { method: 'POST', body: 'x', headers: { 'content-type': 'text/x' } }],
    [
      'a missing CSRF token',
      403,
      '/api/v1/users/login',
      { method: 'POST', body: '{"username":"a","password":"b"}', headers: { 'content-type': 'application/json' } },
    ],
  ] as const)('for %s: %i', async (_, status, path, options) => {
    const answer = await ask(pod, path, { from: newAddress(), ...options })
    expect(answer.status).toBe(status)
    expect(told(answer.headers)).toEqual(all)
  })

  test('for a defect: 500', async () => {
    vi.spyOn(pod.services.guesses, 'clientSecret').mockRejectedValue(new Error('a defect'))
    const { payload, headers } = form({ grant_type: 'client_credentials', client_id: 'x' })
    const answer = await ask(pod, '/api/v1/oauth/token', {
      method: 'POST',
      from: newAddress(),
      body: String(payload),
      headers,
    })
    expect(answer.status).toBe(500)
    expect(told(answer.headers)).toEqual(all)
  })

  test('for what is hardly HTTP: 400 and 431', async () => {
    for (const [status, sent] of [
      [431, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
      [400, 'HELLO\r\n\r\n'],
    ] as const) {
      const answer = await sendRaw(pod, sent)
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      for (const name of all) expect(answer).toContain(`\r\n${name}: `)
    }
  })

  test('to a browser that asks before it asks, at no cost, and other sites may read it', async () => {
    const from = newAddress()
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' }
    for (let time = 0; time < 10; time++) {
      const answer = await ask(pod, '/api/v1/users/me', { method: 'OPTIONS', from, headers })
      expect(answer.status).toBe(204)
      expect(limitOf(answer).remaining).toBe(5)
    }
    const answer = await ask(pod, '/api/v1/users/me', { from, headers })
    const exposed = answer.headers.get('access-control-expose-headers')?.toLowerCase().split(/, */)
    expect(exposed).toEqual(expect.arrayContaining(all))
  })

  test('files cost nothing', async () => {
    const from = newAddress()
    for (let time = 0; time < 8; time++) expect((await ask(pod, '/assets/icon.svg', { from })).status).toBe(200)
    expect(limitOf(await ask(pod, '/', { from })).remaining).toBe(4)
  })

  test('the reset time is UNIX seconds, and ISO 8601 for clients of Mastodon', async () => {
    vi.setSystemTime(new Date('2026-01-31T12:00:00.250Z'))
    const from = newAddress()
    const reset = async (path: string) => (await ask(pod, path, { from })).headers.get('x-ratelimit-reset')
    expect(await reset('/api/v1/nowhere')).toBe('1769860861')
    expect(await reset('/oauth/nowhere')).toBe('2026-01-31T12:01:00.250Z')
    for (let time = 0; time < 3; time++) await reset('/')
    const refused = await ask(pod, '/api/v1/accounts/nobody', { from })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('x-ratelimit-reset')).toBe('2026-01-31T12:01:01.000Z')
  })
})

describe('a refusal', () => {
  const exhaust = async (from: string, path = '/', method = 'GET') => {
    for (let time = 0; time < 5; time++) await ask(pod, path, { from, method })
  }

  test('is JSON on the API, and tells when to come back', async () => {
    const from = newAddress()
    await exhaust(from)
    const answer = await ask(pod, '/api/v1/users/me', { from })
    expect(answer.status).toBe(429)
    const seconds = limitOf(answer).retryAfter
    expect(seconds).toBeGreaterThan(50)
    expect(await answer.json()).toEqual({
      detail: `Request was throttled. Expected available in ${seconds} seconds.`,
    })
    expect(answer.headers.get('cache-control')).toContain('no-store')
  })

  test('is in the words of RFC 6749 on the OAuth endpoints', async () => {
    const from = newAddress()
    await exhaust(from, '/api/v1/oauth/token', 'POST')
    const answer = await ask(pod, '/api/v1/oauth/token', { from, method: 'POST' })
    expect(answer.status).toBe(429)
    expect(await answer.json()).toEqual({
      error: 'slow_down',
      error_description: expect.stringMatching(/^Request was throttled\. Expected available in \d+ seconds\.$/),
    })
  })

  test('is a page for people that says how long to wait', async () => {
    const from = newAddress()
    await exhaust(from)
    const answer = await ask(pod, '/', { from, headers: { accept: 'text/html' } })
    expect(answer.status).toBe(429)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await answer.text()).toMatch(/<h1>[^<]+<\/h1>.*(seconds|minute)/s)
  })

  test('of a page is JSON for programs (S74)', async () => {
    const from = newAddress()
    await exhaust(from)
    const answer = await ask(pod, '/', { from, headers: { accept: '*/*' } })
    expect([answer.status, Number(answer.headers.get('retry-after')) >= 1]).toEqual([429, true])
    expect(await answer.json()).toEqual({ detail: expect.stringMatching(/^Request was throttled\./) })
  })

  test('comes before the body is read, passwords are hashed and the database is asked', async () => {
    const from = newAddress()
    const verify = vi.spyOn(pod.services.hasher, 'verify')
    for (let time = 0; time < 3; time++) await ask(pod, '/api/v1/users/login', { method: 'POST', from })
    const query = vi.spyOn(pod.db.user, 'findMany')
    const tooLong = new URLSearchParams({ username: 'x'.repeat(70_000), password: 'y' })
    const answer = await ask(pod, '/api/v1/users/login', { method: 'POST', from, body: tooLong })
    expect(answer.status).toBe(429)
    expect(verify).not.toHaveBeenCalled()
    expect(query).not.toHaveBeenCalled()
  })
})

function sendRaw({ url }: LimitedPod, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text))
    socket.setEncoding('latin1').on('data', (chunk) => {
      received += chunk
    })
    socket.on('close', () => resolve(received)).on('error', reject)
  })
}

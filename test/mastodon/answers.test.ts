import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerMastodonError } from '../../src/http/mastodon-errors.ts'
import { readRates } from '../../src/throttling.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { someTokens } from '../support/oauth-flow.ts'
import { bearer, type Headers } from '../support/requests.ts'

let pod: TestApp
let headers: Headers & Record<string, string>
beforeAll(async () => {
  const rates = readRates('anonymous-wildcard=3/min')
  if ('problem' in rates) throw new Error(rates.problem)
  pod = await testApp({ throttlingEnabled: true, throttlingRates: rates.rates })
  await emptyDatabase(pod.db)
  const scopes = ['read', 'write', 'read:applications', 'write:applications']
  const registered = await aClient(pod.db, { scopes })
  headers = bearer((await someTokens(pod, registered, { user: await aUser(pod.db), scopes })).access_token)
})
afterAll(() => pod.close())

let hosts = 0
/** An address that nobody has come from before. */
const from = () => `198.19.${(hosts >> 8) & 255}.${hosts++ & 255}`

const answered = [
  '/api/v1/accounts/verify_credentials',
  '/api/v1/apps',
  '/api/v1/apps/verify_credentials',
  '/api/v1/instance',
  '/api/v2/instance',
  '/api/v1/notifications',
  '/oauth/userinfo',
]
const refused = ['/api/v1/tokens', '/api/v1/tokens/1', '/api/v1/notifications/1', '/api/v1/apps/1']
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe.each([...answered, ...refused])('%s', (path) => {
  const ask = (url: string, more: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    pod.app.inject({ method, url, headers: { ...headers, ...more }, remoteAddress: from() })
  const status = async () => (await ask(path)).statusCode

  test('is JSON that nobody keeps', async () => {
    const answer = await ask(path)
    expect(answer.statusCode < 300).toBe(answered.includes(path))
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.each(['text/html', 'image/png', 'nonsense', 'application/activity+json'])(
    'is the same to who accepts %s',
    async (accept) => {
      const answer = await ask(path, { accept })
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([
        await status(),
        'application/json; charset=utf-8',
      ])
    },
  )

  test('may end in a slash', async () => {
    expect((await ask(`${path}/`)).statusCode).toBe(await status())
  })

  test('answers HEAD without a body', async () => {
    const answer = await ask(path, {}, 'HEAD')
    expect([answer.statusCode, answer.body]).toEqual([await status(), ''])
  })

  test('writes X-RateLimit-Reset as ISO 8601', async () => {
    expect((await ask(path)).headers['x-ratelimit-reset']).toMatch(iso)
  })

  test('can be read by scripts of any site, refusals too, without cookies', async () => {
    for (const answer of [
      await ask(path, { origin: 'https://web.example' }),
      await ask(path, { origin: 'https://web.example', authorization: 'Bearer nonsense' }),
    ]) {
      expect(answer.headers['access-control-allow-origin']).toBe('*')
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
      const exposed = String(answer.headers['access-control-expose-headers']).toLowerCase()
      const names = ['link', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-request-id']
      for (const name of [...names, 'retry-after']) expect(exposed).toContain(name)
    }
  })

  test('answers a preflight without authentication, whatever headers are asked for', async () => {
    const preflight = await pod.app.inject({
      method: 'OPTIONS',
      url: path,
      headers: {
        origin: 'https://web.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type, idempotency-key, x-anything',
      },
      remoteAddress: from(),
    })
    expect(Math.floor(preflight.statusCode / 100)).toBe(2)
    expect(preflight.headers['access-control-allow-origin']).toBe('*')
    expect(preflight.headers['access-control-allow-headers']).toContain('idempotency-key')
    expect(preflight.headers['access-control-allow-methods']).toContain('DELETE')
  })
})

describe('whatever goes wrong is {"error": sentence} in JSON', () => {
  const post = (url: string, type: string, payload: string) =>
    pod.app.inject({
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': type },
      payload,
      remoteAddress: from(),
    })

  test.each<[string, number, () => Promise<{ statusCode: number; headers: object; json: () => unknown }>]>([
    ['an unknown path', 404, () => pod.app.inject({ url: '/api/v1/tokens/1/nothing', remoteAddress: from() })],
    ['an unknown path below', 404, () => pod.app.inject({ url: '/api/v1/accounts/x/y', remoteAddress: from() })],
    ['timelines', 404, () => pod.app.inject({ url: '/api/v1/timelines/home?limit=20', remoteAddress: from() })],
    ['another search', 404, () => pod.app.inject({ url: '/api/v2/search?q=a', remoteAddress: from() })],
    ['a method', 405, () => pod.app.inject({ method: 'PATCH', url: '/api/v2/instance', remoteAddress: from() })],
    ['a path that is no UTF-8', 400, () => pod.app.inject({ url: '/api/v1/apps/%ff', remoteAddress: from() })],
    ['broken JSON', 400, () => post('/api/v1/apps', 'application/json', '{"client_name":')],
    ['a list for an object', 422, () => post('/api/v1/apps', 'application/json', '[1]')],
    ['a field that is missing', 422, () => post('/api/v1/apps', 'application/json', '{}')],
    ['a body that is too large', 413, () => post('/api/v1/apps', 'application/json', ' '.repeat(3_000_000))],
    ['a body of another type', 415, () => post('/api/v1/apps', 'application/xml', '<a/>')],
  ])('%s: %i', async (_, status, ask) => {
    const answer = await ask()
    expect(answer.statusCode).toBe(status)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8' })
    expect(answer.json()).toEqual({ error: expect.stringMatching(/^[A-Za-z].+/) })
  })

  test('a defect: 500, and no word of what it was', async () => {
    const app = Fastify()
    app.setErrorHandler(answerMastodonError)
    app.get('/', async () => {
      throw new Error('secret detail')
    })
    const answer = await app.inject({ url: '/' })
    expect([answer.statusCode, answer.body]).toEqual([500, '{"error":"Internal server error."}'])
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  test('too many requests: 429 with Retry-After in seconds, for scripts of any site', async () => {
    const remoteAddress = from()
    const ask = () =>
      pod.app.inject({ url: '/api/v1/instance', headers: { origin: 'https://a.example' }, remoteAddress })
    for (let i = 0; i < 3; i += 1) expect((await ask()).statusCode).toBe(200)
    const answer = await ask()
    expect(answer.statusCode).toBe(429)
    expect(answer.json()).toEqual({ error: expect.stringContaining('throttled') })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(answer.headers['x-ratelimit-remaining']).toBe('0')
    expect(answer.headers['x-ratelimit-reset']).toMatch(iso)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })
})

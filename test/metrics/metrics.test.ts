import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { serveMetrics } from '../../src/metrics/metrics-server.ts'
import { readRates } from '../../src/throttling.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { postAs, signedIn, someTokens, useToken } from '../support/oauth-flow.ts'
import { bearer } from '../support/requests.ts'

const token = 'a-token-for-metrics'
let pod: TestApp

beforeAll(async () => {
  const read = readRates('signup=2/day')
  const throttlingRates = 'rates' in read ? read.rates : undefined
  pod = await testApp({ metricsToken: token, throttlingEnabled: true, ...(throttlingRates && { throttlingRates }) })
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

async function read(): Promise<string> {
  return (await pod.app.inject({ url: '/metrics', headers: bearer(token) })).body
}

/** The value of a series, 0 if there is none. */
async function value(series: string): Promise<number> {
  const line = (await read()).split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

async function rise(series: string, work: () => Promise<unknown>): Promise<number> {
  const before = await value(series)
  await work()
  return (await value(series)) - before
}

describe('who may read', () => {
  test('beside the API whoever has the token, and nobody else', async () => {
    expect((await pod.app.inject({ url: '/metrics', headers: bearer(token) })).statusCode).toBe(200)
    for (const headers of [{}, bearer('another-token-1234'), bearer(`${token}x`)]) {
      const answer = await pod.app.inject({ url: '/metrics', headers })
      expect([answer.statusCode, answer.headers['www-authenticate'], answer.body]).toEqual([401, 'Bearer', ''])
    }
  })

  test('without a token or port of their own there are no metrics', async () => {
    const silent = await testApp()
    expect(silent.services.metrics).toBeUndefined()
    expect((await silent.app.inject({ url: '/metrics' })).statusCode).toBe(404)
    await silent.close()
  })

  test('on an address of their own anybody who reaches it, unless a token is set', async () => {
    const { metrics } = pod.services
    if (metrics === undefined) throw new Error('no metrics')
    const address = { metricsHost: '127.0.0.1', metricsPort: 0 }
    const statusOn = async (metricsToken: string | undefined, path: string) => {
      const server = await serveMetrics(metrics, { ...address, metricsToken })
      const at = server?.address()
      const port = typeof at === 'object' ? at?.port : 0
      const { status } = await fetch(`http://127.0.0.1:${port}${path}`)
      server?.close()
      return status
    }
    expect(await statusOn(undefined, '/metrics')).toBe(200)
    expect(await statusOn(undefined, '/')).toBe(404)
    expect(await statusOn(token, '/metrics')).toBe(401)
  })
})

describe('what is counted', () => {
  test('requests by the pattern of their route, never by path', async () => {
    const series = 'baleen_http_requests_total{method="GET",route="/authorize",status="302"}'
    expect(await rise(series, () => pod.app.inject({ url: '/authorize?client_id=nobody' }))).toBeGreaterThanOrEqual(0)
    await pod.app.inject({ url: '/api/v1/oauth/apps/of-nobody-at-all' })
    await pod.app.inject({ url: '/wherever-this-leads' })
    const text = await read()
    expect(text).toContain('route="/api/v1/oauth/apps/:clientId"'.replace(':clientId', ':client_id'))
    expect(text).toMatch(/route="unknown",status="404"/)
    expect(text).not.toMatch(/of-nobody-at-all|wherever-this-leads/)
    expect(text).toContain('baleen_http_request_duration_seconds_bucket{le="0.1",method="GET"')
  })

  test('tokens by grant type, and refusals by OAuth error', async () => {
    const client = await aClient(pod.db)
    const issued = (type: string) => `baleen_oauth_tokens_issued_total{grant_type="${type}"}`
    expect(await rise(issued('authorization_code'), () => someTokens(pod, client))).toBe(1)
    const asItself = () => postAs(pod, client, 'token', { grant_type: 'client_credentials' })
    expect(await rise(issued('client_credentials'), asItself)).toBe(1)
    const refused = 'baleen_oauth_errors_total{route="/api/v1/oauth/token",error="invalid_grant"}'
    const wrong = () => postAs(pod, client, 'token', { grant_type: 'authorization_code', code: 'x', redirect_uri: 'y' })
    expect(await rise(refused, wrong)).toBe(1)
    expect(await rise(issued('authorization_code'), wrong)).toBe(0)
  })

  test('refusals of the limiter by scope', async () => {
    const signUp = () => pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/', payload: {} })
    await signUp()
    await signUp()
    expect(await rise('baleen_throttled_requests_total{scope="signup"}', signUp)).toBe(1)
  })

  test('events of accounts by kind', async () => {
    expect(await rise('baleen_security_events_total{kind="login"}', () => signedIn(pod))).toBe(1)
  })

  test('the queues of mails and jobs, as they stand', async () => {
    const { id: userId, email: recipient } = await aUser(pod.db)
    await pod.services.mailer.send(pod.db, { message: 'password-changed', recipient, userId })
    expect(await value('baleen_mails_waiting')).toBe(1)
    expect(await value('baleen_jobs_waiting')).toBe(0)
    expect(await value('baleen_database_up')).toBe(1)
    expect(await value('baleen_database_connections{state="idle"}')).toBeGreaterThan(0)
    expect(await value('baleen_database_connections{state="awaited"}')).toBe(0)
  })

  test('nothing that is secret or names anybody', async () => {
    const user = await aUser(pod.db, { username: 'nameofsomebody' })
    const client = await aClient(pod.db, { name: 'Nameofanapp' })
    const { access_token } = await someTokens(pod, client, { user })
    await useToken(pod, access_token)
    const text = await read()
    for (const private_ of ['nameofsomebody', 'Nameofanapp', access_token, client.client.clientId, '127.0.0.1']) {
      expect(text).not.toContain(private_)
    }
  })
})

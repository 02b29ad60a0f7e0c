import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { Insider, named } from '../support/every-route.ts'
import { aClient } from '../support/factories.ts'
import { authorizationUrl, signedIn } from '../support/oauth-flow.ts'
import { asScript, form, json, send } from '../support/requests.ts'
import { allRoutes } from '../support/routes.ts'

const routes = await allRoutes()

let pod: TestApp
let insider: Insider
beforeAll(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
  insider = new Insider(pod)
})
afterAll(() => pod.close())

const origin = 'https://evil.example'
const isOpen = (url: string) => /^\/((api|\.well-known|media\/attachments)\/|oauth\/(token|revoke|userinfo)$)/.test(url)
const isClosed = (url: string) => !isOpen(url) || url === '/api/v1/oauth/authorize'
const corsHeaders = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'))

describe.each(named(routes))('%s', (_, route) => {
  test('cannot be framed, sniffed or tell where it leads from, whoever asks (S15, S69)', async () => {
    await insider.comeBack()
    const strange = await pod.app.inject({ method: route.method as 'GET', url: route.url })
    for (const { headers } of [strange, await insider.ask(route, {})]) {
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toMatch(/^(no-referrer|same-origin)$/)
      expect(headers['x-powered-by'] ?? headers.server).toBeUndefined()
    }
  })

  test('lets no site use the cookies of its visitors (S16)', async () => {
    const headers = { origin, 'sec-fetch-site': 'cross-site', 'access-control-request-method': route.method }
    for (const method of [route.method, 'OPTIONS'] as 'GET'[]) {
      const answer = await pod.app.inject({ method, url: route.url, headers })
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
      expect(answer.headers['access-control-allow-origin']).toBe(isClosed(route.url) ? undefined : '*')
      if (isClosed(route.url)) expect(corsHeaders(answer.headers)).toEqual([])
    }
  })
})

describe('calls from pages of other origins', () => {
  test('a preflight is answered without credentials, and for a day', async () => {
    const answer = await send(pod, 'OPTIONS', '/api/v1/users/me/', {
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    })
    expect(answer.statusCode).toBe(204)
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '86400',
    })
    const methods = String(answer.headers['access-control-allow-methods']).split(', ')
    expect(methods).toEqual(expect.arrayContaining(['DELETE', 'GET', 'OPTIONS', 'PATCH', 'POST', 'PUT']))
  })

  test('may read the rate-limit headers, Retry-After, Location and WWW-Authenticate', async () => {
    const answer = await send(pod, 'GET', '/api/v1/users/me/', { headers: { origin } })
    const exposed = String(answer.headers['access-control-expose-headers']).toLowerCase().split(', ')
    const limits = ['limit', 'remaining', 'reset', 'resetseconds', 'scope', 'duration'].map(
      (name) => `x-ratelimit-${name}`,
    )
    expect(exposed).toEqual(expect.arrayContaining([...limits, 'retry-after', 'location', 'www-authenticate']))
  })

  test.each(['/api/v1/oauth/%61uthorize', '/api/v1/oauth/authorize/', '/%61uthorize', '/api/v1/oauth/authorize?x'])(
    'the authorization endpoint is closed to them however it is spelled: %s (S16)',
    async (url) => {
      const answer = await send(pod, 'GET', url, { headers: { origin } })
      expect(answer.statusCode).not.toBe(404)
      expect(corsHeaders(answer.headers)).toEqual([])
      const preflight = await send(pod, 'OPTIONS', url, {
        headers: { origin, 'access-control-request-method': 'POST' },
      })
      expect(corsHeaders(preflight.headers)).toEqual([])
    },
  )
})

describe('answers that are for one person', () => {
  test('are kept by nobody, errors included (S69)', async () => {
    const { browser } = await signedIn(pod)
    const own = routes.filter(({ url, method }) => method === 'GET' && url.startsWith('/api/') && !url.includes(':'))
    for (const { url } of own) {
      const known = await send(pod, 'GET', url, { headers: asScript(browser) })
      const unknown = await send(pod, 'GET', url)
      const isPublic = [known, unknown].every(({ statusCode }) => statusCode === 200 || statusCode === 302)
      if (!isPublic)
        expect([url, known.headers['cache-control']]).toEqual([url, expect.stringMatching(/no-store|private/)])
      if (unknown.statusCode >= 400) expect(unknown.headers['cache-control']).toContain('no-store')
    }
  })
})

const lies = {
  host: 'evil.example',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-port': '444',
  forwarded: 'host=evil.example;proto=https;for=203.0.113.9',
}

describe.each([
  ['no trusted proxy', []],
  ['a trusted proxy', ['127.0.0.1']],
])('Host and X-Forwarded-* with %s (S71)', (_, trustedProxies) => {
  let proxied: TestApp
  beforeAll(async () => {
    proxied = await testApp({ trustedProxies })
  })
  afterAll(() => proxied.close())

  test('steer no metadata, page, redirect or cookie', async () => {
    const client = await aClient(proxied.db)
    const urls = [
      '/',
      '/login',
      '/nowhere',
      '/device',
      '/authorize',
      authorizationUrl(client),
      '/api/v1/oauth/authorize',
    ]
    for (const url of [...urls, '/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource']) {
      const answer = await send(proxied, 'GET', url, { headers: { ...lies, accept: 'text/html' } })
      expect(answer.body + JSON.stringify(answer.headers)).not.toContain('evil.example')
      for (const cookie of answer.cookies) expect([cookie.domain, cookie.secure]).toEqual([undefined, undefined])
    }
  })

  test('steer no page link and no login', async () => {
    const { user, browser } = await signedIn(proxied)
    await aClient(proxied.db, { ownerId: user.id })
    await aClient(proxied.db, { ownerId: user.id })
    const headers = { ...lies, ...asScript(browser) }
    const page = await send(proxied, 'GET', '/api/v1/oauth/apps?page_size=1', { headers })
    expect(page.json().next).toBe('http://127.0.0.1:5000/api/v1/oauth/apps?page_size=1&page=2')
    const token = browser.cookies.get('csrftoken') ?? ''
    const body = form({ csrfmiddlewaretoken: token })
    const answer = await send(proxied, 'POST', '/logout', { body, headers: { ...headers, 'x-csrftoken': undefined } })
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/logout'])
  })
})

test('a method override changes nothing (S60)', async () => {
  const { client } = await aClient(pod.db)
  const url = `/api/v1/oauth/apps/${client.clientId}?_method=DELETE`
  const headers = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' }
  expect((await send(pod, 'POST', url, { body: json({ _method: 'DELETE' }), headers })).statusCode).toBe(405)
  expect((await send(pod, 'GET', url, { headers })).statusCode).toBe(200)
})

test.each(['/', '/login', '/api/v1/users/me', '/api/v1/oauth/token', '/nowhere'])(
  'TRACE and unknown methods reach nothing at %s (S73)',
  async (url) => {
    for (const method of ['TRACE', 'PROPFIND', 'SEARCH'] as never[]) {
      const answer = await pod.app.inject({ method, url, headers: { 'x-secret': 'echo' } })
      expect(answer.statusCode).toBe(404)
      expect(answer.body).not.toContain('echo')
    }
  },
)

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { authorizationUrl } from '../../support/oauth-flow.ts'
import { bearer, form, json, send } from '../../support/requests.ts'

let pod: TestApp
let openPod: TestApp
beforeAll(async () => {
  pod = await testApp()
  openPod = await testApp({ allowHttpRedirectUris: true })
})
afterAll(() => Promise.all([pod.close(), openPod.close()]))
beforeEach(() => emptyDatabase(pod.db))

const refused = [
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://app.example/1',
  'about:blank',
  'view-source:https://app.example/',
  'intent://app.example/#Intent;end',
  'ftp://app.example/cb',
  '/cb',
  '//app.example/cb',
  'app.example/cb',
  'app.example:443/cb',
  'localhost:3000/cb',
  'https:///cb',
  'https://app.example/cb#fragment',
  'https://*.app.example/cb',
  'https://user:password@app.example/cb',
  'https://app.example:99999/cb',
  'https://app.example:0/cb',
  'http://app.example/cb',
  'http://127.0.0.1.evil.example/cb',
  'http://127.1/cb',
  'urn:ietf:wg:oauth:2.0:oob:other',
]

const real = [
  'https://app.example/cb?keep=1',
  'http://127.0.0.1:51004/cb',
  'http://[::1]/cb',
  'http://localhost:3000/cb',
  'urn:ietf:wg:oauth:2.0:oob',
  'urn:ietf:wg:oauth:2.0:oob:auto',
  'urn:/audio.funkwhale.funkwhale-android/oauth/callback',
  'com.example.app:/cb',
  'app://cb',
]

describe('POST /api/v1/oauth/apps and /register', () => {
  test.each(refused)('both refuse %s (S4)', async (uri) => {
    const apps = await send(pod, 'POST', '/api/v1/oauth/apps/', { body: form({ name: 'x', redirect_uris: uri }) })
    expect([apps.statusCode, Object.keys(apps.json())]).toEqual([400, ['redirect_uris']])
    const register = await send(pod, 'POST', '/api/v1/oauth/register', { body: json({ redirect_uris: [uri] }) })
    expect([register.statusCode, register.json().error]).toEqual([400, 'invalid_redirect_uri'])
  })

  test.each(['java\nscript:alert(1)', ' https://app.example/cb', 'https://app.example/c\tb', ''])(
    'a member of a list is not trimmed or split: %j is refused (S4)',
    async (uri) => {
      const body = json({ name: 'x', redirect_uris: ['https://app.example/cb', uri] })
      const apps = await send(pod, 'POST', '/api/v1/oauth/apps/', { body })
      expect([apps.statusCode, Object.keys(apps.json())]).toEqual([400, ['redirect_uris']])
      const register = await send(pod, 'POST', '/api/v1/oauth/register', { body })
      expect([register.statusCode, register.json().error]).toEqual([400, 'invalid_redirect_uri'])
    },
  )

  test.each(real)('both take %s, unchanged (S3)', async (uri) => {
    const apps = await send(pod, 'POST', '/api/v1/oauth/apps/', { body: form({ name: 'x', redirect_uris: uri }) })
    expect([apps.statusCode, apps.json().redirect_uris]).toEqual([201, uri])
    const register = await send(pod, 'POST', '/api/v1/oauth/register', { body: json({ redirect_uris: [uri] }) })
    expect([register.statusCode, register.json().redirect_uris]).toEqual([201, [uri]])
  })

  test('one bad URI among good ones is named, and nothing is registered (S4)', async () => {
    const redirectUris = 'https://app.example/cb javascript:alert(1) app://cb'
    const answer = await send(pod, 'POST', '/api/v1/oauth/apps/', {
      body: form({ name: 'x', redirect_uris: redirectUris }),
    })
    expect(answer.json()).toEqual({ redirect_uris: [expect.stringContaining('"javascript:alert(1)"')] })
    expect(await pod.db.client.count()).toBe(0)
  })

  test('plain http beyond loopback is taken where the operator allows it (S4)', async () => {
    const body = json({ name: 'x', redirect_uris: ['http://app.example/cb'] })
    expect((await send(openPod, 'POST', '/api/v1/oauth/apps/', { body })).statusCode).toBe(201)
    expect((await send(openPod, 'POST', '/api/v1/oauth/register', { body })).statusCode).toBe(201)
  })

  test('changing a client follows the same rules (S4)', async () => {
    const owner = await aUser(pod.db)
    const { client, applicationToken } = await aClient(pod.db, { ownerId: owner.id, scopes: ['write:security'] })
    const headers = bearer(applicationToken)
    for (const method of ['PATCH', 'PUT'] as const) {
      const body = json({ name: 'x', redirect_uris: 'javascript:alert(1)' })
      const answer = await send(pod, method, `/api/v1/oauth/apps/${client.clientId}`, { body, headers })
      expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ['redirect_uris']])
    }
  })
})

describe('GET /authorize', () => {
  /** 303 to the login page = the redirect URI is fine; 400 = a page says that it is not. */
  async function statusFor(registered: string[], given: string | undefined): Promise<number> {
    const client = await aClient(pod.db, { redirectUris: registered })
    const answer = await send(pod, 'GET', authorizationUrl(client, { redirect_uri: given }))
    expect(String(answer.headers.location ?? '/login?')).toMatch(/^\/login\?/)
    return answer.statusCode
  }

  test.each([
    ['HTTPS://app.example/cb'],
    ['https://APP.example/cb'],
    ['https://app.example:443/cb'],
    ['https://app.example/cb/'],
    ['https://app.example/cb?x=1'],
    ['https://app.example/cb#'],
    ['https://app.example/c%62'],
    ['https://app.example/x/../cb'],
    ['https://app.example/cb https://two.example/cb'],
    ['https://app.example/cb '],
    ['https://app.example/c'],
    ['https://app.example/cbx'],
    ['https://app.example.evil.example/cb'],
    ['https://app.example@evil.example/cb'],
  ])('%s is not https://app.example/cb (S1)', async (given) => {
    expect(await statusFor(['https://app.example/cb', 'https://two.example/cb'], given)).toBe(400)
  })

  test.each([
    ['http://127.0.0.1:51004/cb', 303],
    ['http://127.0.0.1/cb', 303],
    ['http://127.0.0.1:99999/cb', 400],
    ['http://127.0.0.1:51004/other', 400],
    ['http://127.0.0.1:51004/cb?x=1', 400],
    ['http://127.0.0.1:51004@evil.example/cb', 400],
    ['http://127.0.0.1.evil.example/cb', 400],
    ['http://127.1:51004/cb', 400],
    ['http://0x7f000001:51004/cb', 400],
    ['http://localhost:51004/cb', 400],
    ['https://127.0.0.1:51004/cb', 400],
    ['http://[::1]:51004/cb', 400],
  ])('of a loopback address only the port may differ: %s is %i (S2)', async (given, status) => {
    expect(await statusFor(['http://127.0.0.1:8080/cb', 'app://cb'], given)).toBe(status)
  })

  test.each(real)('%s is found again as registered (S3)', async (uri) => {
    expect(await statusFor([uri, 'https://two.example/cb'], uri)).toBe(303)
  })

  test.each([
    [['app://cb'], 303],
    [['app://cb', 'app://two'], 400],
    [[], 400],
  ])('left out with %j registered is %i (S7)', async (registered, status) => {
    expect(await statusFor(registered, undefined)).toBe(status)
  })
})

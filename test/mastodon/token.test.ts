import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { anApp, exchangeAsApp, postAsApp } from '../support/mastodon.ts'
import { aCode, exchange, postAs, useToken } from '../support/oauth-flow.ts'
import { basic, bearer, bodies, form, json, send } from '../support/requests.ts'

let pod: TestApp
let app: Awaited<ReturnType<typeof anApp>>
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
afterEach(() => vi.useRealTimers())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  app = await anApp(pod)
})

const callback = 'https://app.example/callback'
const credentials = () => ({ client_id: app.client.clientId, client_secret: app.secret })

describe('POST /oauth/token', () => {
  test('gives a user’s token: these keys, not to be stored, and no end', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31, 12, 0, 0, 900) })
    const answer = await exchangeAsApp(pod, app, await aCode(pod, app, { scopes: ['write', 'read'] }))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json()).toEqual({
      access_token: expect.stringMatching(/^\w{1,50}$/),
      token_type: 'Bearer',
      scope: 'write read',
      created_at: Date.UTC(2026, 0, 31, 12) / 1000,
    })
    vi.setSystemTime(Date.UTC(2036, 0, 31))
    expect((await useToken(pod, answer.json().access_token)).statusCode).toBe(200)
  })

  test.each(Object.entries(bodies))('takes a body as %s', async (_, encode) => {
    const fields = { ...credentials(), grant_type: 'authorization_code', redirect_uri: callback }
    const body = encode({ ...fields, code: await aCode(pod, app) })
    expect((await send(pod, 'POST', '/oauth/token', { body })).statusCode).toBe(200)
  })

  test('takes the client by HTTP Basic', async () => {
    const headers = basic(app.client.clientId, app.secret)
    const body = json({ grant_type: 'client_credentials' })
    expect((await send(pod, 'POST', '/oauth/token', { body, headers })).statusCode).toBe(200)
  })

  test.each(['Bearer whatever', 'Bearer', `Bearer bla_${'x'.repeat(43)}`])(
    'ignores %s in the header',
    async (authorization) => {
      const body = json({ ...credentials(), grant_type: 'client_credentials' })
      const answer = await send(pod, 'POST', '/oauth/token', { body, headers: { authorization } })
      expect(answer.statusCode).toBe(200)
    },
  )

  test('takes null in JSON and an empty header for nothing', async () => {
    const code = await aCode(pod, app)
    const nothing = { code_verifier: null, scope: null, refresh_token: null }
    const body = json({ ...credentials(), ...nothing, grant_type: 'authorization_code', code, redirect_uri: callback })
    expect((await send(pod, 'POST', '/oauth/token', { body, headers: { authorization: '' } })).statusCode).toBe(200)
  })

  test('makes a new token every time, so that logging out on one device is just that', async () => {
    const user = await aUser(pod.db)
    const first = (await exchangeAsApp(pod, app, await aCode(pod, app, { user }))).json().access_token
    const second = (await exchangeAsApp(pod, app, await aCode(pod, app, { user }))).json().access_token
    await postAsApp(pod, app, 'revoke', { token: first })
    expect((await useToken(pod, first)).statusCode).toBe(401)
    expect((await useToken(pod, second)).statusCode).toBe(200)
  })

  test('gives a refresh token and an end to apps that registered the grant type, and rotates it', async () => {
    const body = json({ client_name: 'Elephant', redirect_uris: 'app://cb', grant_types: ['refresh_token'] })
    const { client_id, client_secret } = (await send(pod, 'POST', '/api/v1/apps', { body })).json()
    const client = await pod.db.client.findUniqueOrThrow({ where: { clientId: client_id } })
    const refreshing = { client, secret: client_secret }
    const first = (await exchangeAsApp(pod, refreshing, await aCode(pod, refreshing))).json()
    expect(first).toMatchObject({ expires_in: 36_000, refresh_token: expect.stringMatching(/^\w{1,50}$/) })
    const fields = { grant_type: 'refresh_token', refresh_token: first.refresh_token }
    const next = (await postAsApp(pod, refreshing, 'token', fields)).json()
    expect(next).toMatchObject({ scope: 'read', token_type: 'Bearer', created_at: expect.any(Number) })
    expect(next.refresh_token).not.toBe(first.refresh_token)
  })

  test.each(['authorization_code refresh_token', 'refresh_token'])(
    'grant_types may be text: %j',
    async (grant_types) => {
      const answer = await send(pod, 'POST', '/api/v1/apps', { body: form({ client_name: 'Elephant', grant_types }) })
      const { grantTypes } = await pod.db.client.findUniqueOrThrow({ where: { clientId: answer.json().client_id } })
      expect(grantTypes).toContain('refresh_token')
    },
  )

  test('gives an app its own token, by default with read, without redirect_uri', async () => {
    const answer = await postAsApp(pod, app, 'token', { grant_type: 'client_credentials' })
    expect(answer.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      scope: 'read',
      created_at: expect.any(Number),
    })
    const some = { grant_type: 'client_credentials', scope: 'write:favourites+read', redirect_uri: 'app://unheard-of' }
    expect((await postAsApp(pod, app, 'token', some)).json().scope).toBe('write:favourites read')
  })

  test('gives an app that asks for admin scopes everything else', async () => {
    const admin = await anApp(pod, { scopes: ['read', 'admin:read', 'push'] })
    const answer = await postAsApp(pod, admin, 'token', {
      grant_type: 'client_credentials',
      scope: 'push admin:read:accounts read',
    })
    expect(answer.json().scope).toBe('push read')
  })

  test('ignores scope for a code', async () => {
    const answer = await exchangeAsApp(pod, app, await aCode(pod, app), { scope: 'write admin:read nonsense' })
    expect(answer.json().scope).toBe('read')
  })
})

describe('an app registered on one side', () => {
  test('as with Mastodon works at Funkwhale’s endpoints, with tokens that do not end', async () => {
    const answer = (await exchange(pod, app, await aCode(pod, app))).json()
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'created_at', 'scope', 'token_type'])
    expect((await postAs(pod, app, 'revoke', { token: answer.access_token })).statusCode).toBe(200)
    expect((await useToken(pod, answer.access_token)).statusCode).toBe(401)
  })

  test('as with Funkwhale works at Mastodon’s endpoints, with tokens that end and refresh', async () => {
    const client = await aClient(pod.db)
    const answer = (await exchangeAsApp(pod, client, await aCode(pod, client))).json()
    expect(answer).toMatchObject({
      expires_in: 36_000,
      refresh_token: expect.any(String),
      created_at: expect.any(Number),
    })
    await postAsApp(pod, client, 'revoke', { token: answer.refresh_token })
    expect((await useToken(pod, answer.access_token)).statusCode).toBe(401)
  })
})

test.each(['text/html', 'image/png', 'x'])('Accept: %s makes no endpoint fail', async (accept) => {
  const headers = { accept }
  const answer = await postAsApp(pod, app, 'token', { grant_type: 'client_credentials' }, headers)
  expect(answer.statusCode).toBe(200)
  const { access_token: token } = answer.json()
  expect(
    (await send(pod, 'GET', '/api/v1/apps/verify_credentials', { headers: { ...headers, ...bearer(token) } }))
      .statusCode,
  ).toBe(200)
  expect((await postAsApp(pod, app, 'revoke', { token }, headers)).statusCode).toBe(200)
})

test('a trailing slash changes nothing', async () => {
  const body = json({ ...credentials(), grant_type: 'client_credentials' })
  expect((await send(pod, 'POST', '/oauth/token/', { body })).statusCode).toBe(200)
})

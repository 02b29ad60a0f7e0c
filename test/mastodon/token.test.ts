import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { anApp, exchangeAsApp, postAsApp } from '../support/mastodon.ts'
import { aCode, exchange, newPkce, postAs, useToken } from '../support/oauth-flow.ts'
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

const credentials = () => ({ client_id: app.client.clientId, client_secret: app.secret })
const refusal = { error: expect.stringMatching(/^[a-z_]+$/), error_description: expect.stringMatching(/.+/) }

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
    const fields = { ...credentials(), grant_type: 'authorization_code', redirect_uri: 'https://app.example/callback' }
    const body = encode({ ...fields, code: await aCode(pod, app) })
    expect((await send(pod, 'POST', '/oauth/token', { body })).statusCode).toBe(200)
  })

  test('null in JSON counts as absent', async () => {
    const answer = await postAsApp(pod, app, 'token', { grant_type: 'client_credentials', scope: null, code: null })
    expect([answer.statusCode, answer.json().scope]).toEqual([200, 'read'])
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

describe('POST /oauth/token refuses', () => {
  const expectRefusal = (answer: Awaited<ReturnType<typeof send>>, status: number, error: string) => {
    expect([answer.statusCode, answer.json()]).toEqual([status, { ...refusal, error }])
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['cache-control']).toBe('no-store')
  }

  test.each<[string, object]>([
    ['an unknown client', { client_id: 'unknown' }],
    ['a wrong secret', { client_secret: 'wrong' }],
    ['a missing secret', { client_secret: undefined }],
  ])('%s: 401 invalid_client', async (_, changes) => {
    const code = await aCode(pod, app)
    expectRefusal(await exchangeAsApp(pod, app, code, { ...changes }), 401, 'invalid_client')
    expect((await exchangeAsApp(pod, app, code)).statusCode).toBe(200)
  })

  test('a wrong secret by HTTP Basic, with a challenge', async () => {
    const headers = basic(app.client.clientId, 'wrong')
    const answer = await send(pod, 'POST', '/oauth/token', {
      body: json({ grant_type: 'client_credentials' }),
      headers,
    })
    expectRefusal(answer, 401, 'invalid_client')
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
  })

  test.each<[string, object]>([
    ['an unknown code', { code: 'unknown' }],
    ['another redirect_uri', { redirect_uri: 'https://app.example/other' }],
    ['a redirect_uri that is not registered', { redirect_uri: 'https://evil.example/' }],
    ['a verifier without a challenge', { code_verifier: newPkce().verifier }],
  ])('%s: invalid_grant', async (_, changes) => {
    expectRefusal(await exchangeAsApp(pod, app, await aCode(pod, app), { ...changes }), 400, 'invalid_grant')
  })

  test('a code that was used, and revokes what it gave', async () => {
    const code = await aCode(pod, app)
    const { access_token } = (await exchangeAsApp(pod, app, code)).json()
    expectRefusal(await exchangeAsApp(pod, app, code), 400, 'invalid_grant')
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
  })

  test('a code of another app, an expired one, and a wrong verifier', async () => {
    const other = await anApp(pod)
    expectRefusal(await exchangeAsApp(pod, other, await aCode(pod, app)), 400, 'invalid_grant')
    const expired = await aCode(pod, app, { lifetimeSeconds: -1 })
    expectRefusal(await exchangeAsApp(pod, app, expired), 400, 'invalid_grant')
    const { challenge } = newPkce()
    const changes = { code_verifier: newPkce().verifier }
    expectRefusal(await exchangeAsApp(pod, app, await aCode(pod, app, { challenge }), changes), 400, 'invalid_grant')
  })

  test.each(['write:applications', 'openid', 'push', ''])(
    'the scope %j that an app did not register: invalid_scope',
    async (scope) => {
      const answer = await postAsApp(pod, app, 'token', { grant_type: 'client_credentials', scope })
      if (scope === '') expect(answer.json().scope).toBe('read')
      else expectRefusal(answer, 400, 'invalid_scope')
    },
  )

  test.each(['password', 'implicit', '__proto__', 'x'.repeat(5000)])('the grant type %.20s', async (grant_type) => {
    expectRefusal(await postAsApp(pod, app, 'token', { grant_type }), 400, 'unsupported_grant_type')
  })

  test('a refresh by an app that did not register it', async () => {
    const answer = await postAsApp(pod, app, 'token', { grant_type: 'refresh_token', refresh_token: 'x' })
    expectRefusal(answer, 400, 'unauthorized_client')
  })

  test.each<[object, string]>([
    [{}, 'grant_type, client_id, client_secret'],
    [{ odd: 1 }, 'grant_type, client_id, client_secret'],
    [{ grant_type: '' }, 'grant_type, client_id, client_secret'],
    [{ client_id: 'x' }, 'grant_type'],
    [{ grant_type: 'authorization_code' }, 'code, redirect_uri, client_id, client_secret'],
    [{ grant_type: 'authorization_code', client_id: 'x', client_secret: 'y' }, 'code, redirect_uri'],
    [{ grant_type: 'authorization_code', client_id: 'x', code: 'y' }, 'redirect_uri'],
    [{ grant_type: 'refresh_token', client_id: 'x' }, 'refresh_token'],
    [{ grant_type: 'client_credentials', client_secret: 'x' }, 'client_id'],
  ])('%j, naming all that is missing', async (fields, names) => {
    const answer = await send(pod, 'POST', '/oauth/token', { body: json(fields) })
    expectRefusal(answer, 400, 'invalid_request')
    expect(answer.json().error_description).toBe(`Missing parameters: ${names}.`)
  })

  test('an empty body', async () => {
    expectRefusal(await send(pod, 'POST', '/oauth/token'), 400, 'invalid_request')
  })

  test.each<[string, number, string | undefined, string]>([
    ['GET', 405, undefined, ''],
    ['PUT', 405, undefined, ''],
    ['POST', 400, 'application/json', '{'],
    ['POST', 400, 'application/json', '[]'],
    ['POST', 400, 'application/json', '{"grant_type":["client_credentials"]}'],
    ['POST', 400, 'application/x-www-form-urlencoded', 'grant_type=client_credentials&grant_type=password'],
    ['POST', 400, 'application/x-www-form-urlencoded', 'a=%ff'],
    ['POST', 413, 'application/json', `{"code":"${'x'.repeat(70_000)}"}`],
    ['POST', 415, 'text/plain', 'grant_type=client_credentials'],
  ])('%s with %i: %s %.40s', async (method, status, type, payload) => {
    for (const url of ['/oauth/token', '/oauth/revoke']) {
      const headers = { ...(type && { 'content-type': type }), accept: 'text/html' }
      const answer = await pod.app.inject({ method: method as 'GET', url, headers, ...(payload && { payload }) })
      expectRefusal(answer, status, 'invalid_request')
      expect(answer.headers['access-control-allow-origin']).toBe('*')
    }
  })

  test('parameters in the address', async () => {
    const body = json({ ...credentials(), grant_type: 'client_credentials' })
    expectRefusal(await send(pod, 'POST', '/oauth/token?scope=read', { body }), 400, 'invalid_request')
  })

  test('paths that are none', async () => {
    expectRefusal(await send(pod, 'POST', '/oauth/nowhere'), 404, 'invalid_request')
    expectRefusal(await send(pod, 'GET', '/oauth/%ff'), 400, 'invalid_request')
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

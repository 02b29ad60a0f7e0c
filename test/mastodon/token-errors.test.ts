import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { anApp, exchangeAsApp, postAsApp } from '../support/mastodon.ts'
import { aCode, newPkce, useToken } from '../support/oauth-flow.ts'
import { basic, json, send } from '../support/requests.ts'

let pod: TestApp
let app: Awaited<ReturnType<typeof anApp>>
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  app = await anApp(pod)
})

const refusal = { error: expect.stringMatching(/^[a-z_]+$/), error_description: expect.stringMatching(/.+/) }

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
    const body = json({ client_id: app.client.clientId, client_secret: app.secret, grant_type: 'client_credentials' })
    expectRefusal(await send(pod, 'POST', '/oauth/token?scope=read', { body }), 400, 'invalid_request')
  })

  test('paths that are none', async () => {
    expectRefusal(await send(pod, 'POST', '/oauth/nowhere'), 404, 'invalid_request')
    expectRefusal(await send(pod, 'GET', '/oauth/%ff'), 400, 'invalid_request')
  })
})

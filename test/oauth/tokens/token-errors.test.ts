import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { aCode, type Changes, exchange, formOf, postAs, refresh, someTokens } from '../../support/oauth-flow.ts'

let pod: TestApp
let client: Registered
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  client = await aClient(pod.db)
})

const anyText = expect.stringMatching(/./)

describe('the error table of the token endpoint (RFC 6749 §5.2)', () => {
  test.each<[string, Changes, string, string?]>([
    ['grant_type is missing', { grant_type: undefined }, 'unsupported_grant_type'],
    ['grant_type is empty', { grant_type: '' }, 'unsupported_grant_type'],
    ['grant_type is unknown', { grant_type: 'magic' }, 'unsupported_grant_type'],
    [
      'grant_type is password (S10)',
      { grant_type: 'password', username: 'a', password: 'b' },
      'unsupported_grant_type',
    ],
    ['grant_type is implicit (S10)', { grant_type: 'implicit' }, 'unsupported_grant_type'],
    ['grant_type is __proto__ (S10)', { grant_type: '__proto__' }, 'unsupported_grant_type'],
    ['grant_type is constructor (S64)', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ['grant_type has 5000 characters (S10)', { grant_type: 'a'.repeat(5000) }, 'unsupported_grant_type'],
    ['grant_type is given twice (S9)', { grant_type: ['authorization_code', 'refresh_token'] }, 'invalid_request'],
    ['code is missing', { grant_type: 'authorization_code' }, 'invalid_request', 'Missing code parameter.'],
    [
      'code is empty (S9)',
      { grant_type: 'authorization_code', code: '' },
      'invalid_request',
      'Missing code parameter.',
    ],
    ['code is given twice (S9)', { grant_type: 'authorization_code', code: ['a', 'b'] }, 'invalid_request'],
    ['code is unknown', { grant_type: 'authorization_code', code: 'unknown' }, 'invalid_grant'],
    [
      'refresh_token is missing',
      { grant_type: 'refresh_token' },
      'invalid_request',
      'Missing refresh token parameter.',
    ],
    ['refresh_token is unknown', { grant_type: 'refresh_token', refresh_token: 'unknown' }, 'invalid_grant'],
    ['a value holds NUL (S61)', { grant_type: 'authorization_code', code: 'a\0b' }, 'invalid_request'],
  ])('%s: 400 and nothing to cache', async (_, parameters, error, description) => {
    const answer = await postAs(pod, client, 'token', parameters)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(answer.json()).toEqual({ error, error_description: description ?? anyText })
  })

  test('without grant_type the client is not even looked at', async () => {
    const answer = await pod.app.inject({ method: 'POST', url: '/api/v1/oauth/token' })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'unsupported_grant_type' })
  })

  test('a query string is refused, whatever it holds (S29)', async () => {
    const code = await aCode(pod, client)
    const parameters = { grant_type: 'authorization_code', code, client_id: client.client.clientId }
    const answer = await pod.app.inject({ method: 'POST', url: `/api/v1/oauth/token?${formOf(parameters)}` })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      error: 'invalid_request',
      error_description: 'URL query parameters are not allowed',
    })
  })

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'] as const)('%s is 405 and names POST (S29, S73)', async (method) => {
    const answer = await pod.app.inject({ method, url: '/api/v1/oauth/token' })
    expect(answer.statusCode).toBe(405)
    expect(answer.headers.allow).toContain('POST')
  })

  test('a grant type that the client has not registered is unauthorized_client', async () => {
    const narrow = await aClient(pod.db, { grantTypes: ['authorization_code'], origin: 'dynamic' })
    const answer = await postAs(pod, narrow, 'token', { grant_type: 'client_credentials' })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ error: 'unauthorized_client', error_description: anyText })
  })

  test('codes, access, refresh and application tokens do not work as one another (S42)', async () => {
    const code = await aCode(pod, client)
    const { access_token, refresh_token } = await someTokens(pod, client)
    const wrong = await Promise.all([
      exchange(pod, client, access_token),
      exchange(pod, client, refresh_token),
      refresh(pod, client, access_token),
      refresh(pod, client, code),
      refresh(pod, client, client.secret ?? ''),
    ])
    expect(wrong.map((answer) => answer.json().error)).toEqual(Array(5).fill('invalid_grant'))
    expect((await exchange(pod, client, code)).statusCode).toBe(200)
    expect((await refresh(pod, client, refresh_token)).statusCode).toBe(200)
  })
})

describe('redirect_uri at the token endpoint', () => {
  test('that is not the one of the authorization request is invalid_grant, and the code stays (RFC 6749 §4.1.3)', async () => {
    const code = await aCode(pod, client)
    for (const redirect_uri of [
      'https://app.example/Callback',
      'https://app.example/callback/',
      'https://evil.example',
    ]) {
      const answer = await exchange(pod, client, code, { redirect_uri })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
    }
    expect((await exchange(pod, client, code)).statusCode).toBe(200)
  })

  test('that is registered, but not the one that was used, is invalid_grant (S22)', async () => {
    const two = await aClient(pod.db, { redirectUris: ['https://app.example/a', 'https://app.example/b'] })
    const code = await aCode(pod, two, { redirectUri: 'https://app.example/b' })
    expect((await exchange(pod, two, code)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await exchange(pod, two, code, { redirect_uri: 'https://app.example/b' })).statusCode).toBe(200)
  })

  test('of a loopback client carries the port that was used (S2)', async () => {
    const native = await aClient(pod.db, { redirectUris: ['http://127.0.0.1/cb'] })
    const code = await aCode(pod, native, { redirectUri: 'http://127.0.0.1:50123/cb' })
    expect((await exchange(pod, native, code)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await exchange(pod, native, code, { redirect_uri: 'http://127.0.0.1:50123/cb' })).statusCode).toBe(200)
  })

  test('may be left out by an app that has registered just one', async () => {
    const code = await aCode(pod, client)
    expect((await exchange(pod, client, code, { redirect_uri: undefined })).statusCode).toBe(200)
  })

  test('left out by an app that has registered several is invalid_request', async () => {
    const two = await aClient(pod.db, { redirectUris: ['https://app.example/a', 'https://app.example/b'] })
    const answer = await exchange(pod, two, await aCode(pod, two), { redirect_uri: undefined })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ error: 'invalid_request', error_description: 'Missing redirect URI.' })
  })

  test('must be sent by other clients if the authorization request had it (RFC 6749 §4.1.3)', async () => {
    const generic = await aClient(pod.db, { origin: 'dynamic' })
    const answer = await exchange(pod, generic, await aCode(pod, generic), { redirect_uri: undefined })
    expect(answer.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('may be left out, or be the registered one, if the authorization request had none (RFC 6749 §4.1.3)', async () => {
    const generic = await aClient(pod.db, { origin: 'dynamic' })
    for (const changes of [{ redirect_uri: undefined }, {}]) {
      const code = await aCode(pod, generic, { requestedRedirectUri: null })
      expect((await exchange(pod, generic, code, changes)).statusCode).toBe(200)
    }
  })
})

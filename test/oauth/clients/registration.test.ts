import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aCode, exchange, newPkce, signedIn } from '../../support/oauth-flow.ts'
import { asScript, basic, form, json, multipart, send } from '../../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const redirect_uris = ['https://tempo.example/cb']

function register(metadata: unknown) {
  return send(pod, 'POST', '/api/v1/oauth/register', { body: json(metadata) })
}

describe('POST /api/v1/oauth/register (RFC 7591)', () => {
  test('registers a client with a secret and the defaults of §2, and says so once', async () => {
    const answer = await register({ redirect_uris })
    expect(answer.statusCode).toBe(201)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(answer.json()).toEqual({
      client_id: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^bls_[A-Za-z0-9]{43}$/),
      client_secret_expires_at: 0,
      redirect_uris,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      client_name: expect.any(String),
      scope: 'read',
    })
    expect(Math.abs(answer.json().client_id_issued_at - Date.now() / 1000)).toBeLessThan(60)
  })

  test('registers a public client without a secret', async () => {
    const answer = await register({ redirect_uris, token_endpoint_auth_method: 'none' })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ token_endpoint_auth_method: 'none' })
    expect(Object.keys(answer.json()).filter((key) => key.startsWith('client_secret'))).toEqual([])
  })

  test('answers with what it registered, not with what was asked (§3.2.1)', async () => {
    const answer = await register({
      redirect_uris: [...redirect_uris, 'app://cb', ...redirect_uris],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token', 'refresh_token'],
      client_name: ' Tempo ',
      client_uri: 'https://tempo.example/',
      scope: 'read write:playlists nonsense admin read',
      client_id: 'mine',
      client_secret: 'mine',
      logo_uri: 'https://tempo.example/logo.png',
      jwks_uri: 'https://tempo.example/keys',
      software_statement: 'x',
      id_token_signed_response_alg: 'RS256',
    })
    expect(answer.json()).toEqual({
      ...{ client_id: expect.stringMatching(/^.{40}$/), client_id_issued_at: expect.any(Number) },
      ...{ client_secret: expect.stringMatching(/^bls_/), client_secret_expires_at: 0 },
      redirect_uris: [...redirect_uris, 'app://cb'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'Tempo',
      client_uri: 'https://tempo.example/',
      scope: 'read write:playlists',
    })
  })

  test.each<[object, object]>([
    [{ grant_types: ['client_credentials'] }, { redirect_uris: [], response_types: [] }],
    [{ grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] }, { response_types: [] }],
    [{ redirect_uris, response_types: ['code'] }, { grant_types: ['authorization_code'] }],
    [{ redirect_uris, scope: 'read:libraries profile' }, { scope: 'read:libraries profile' }],
    [{ redirect_uris, client_name: 'ö'.repeat(255) }, { client_name: 'ö'.repeat(255) }],
  ])('takes %j', async (metadata, registered) => {
    const answer = await register(metadata)
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject(registered)
  })

  test.each<[unknown, string]>([
    [{}, 'invalid_redirect_uri'],
    [{ redirect_uris: [] }, 'invalid_redirect_uri'],
    [{ redirect_uris: ['cb'] }, 'invalid_redirect_uri'],
    [{ redirect_uris: [5] }, 'invalid_redirect_uri'],
    [{ redirect_uris: { not: '' } }, 'invalid_redirect_uri'],
    [{ redirect_uris: null }, 'invalid_redirect_uri'],
    [{ redirect_uris: Array.from({ length: 21 }, (_, i) => `app://${i}`) }, 'invalid_redirect_uri'],
    [[], 'invalid_client_metadata'],
    [{ redirect_uris, token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
    [{ redirect_uris, token_endpoint_auth_method: 5 }, 'invalid_client_metadata'],
    [{ redirect_uris, grant_types: [] }, 'invalid_client_metadata'],
    [{ redirect_uris, grant_types: ['password'] }, 'invalid_client_metadata'],
    [{ redirect_uris, grant_types: ['implicit'] }, 'invalid_client_metadata'],
    [{ redirect_uris, grant_types: [['authorization_code']] }, 'invalid_client_metadata'],
    [{ redirect_uris, response_types: ['token'] }, 'invalid_client_metadata'],
    [{ redirect_uris, response_types: [] }, 'invalid_client_metadata'],
    [{ grant_types: ['client_credentials'], response_types: ['code'] }, 'invalid_client_metadata'],
    [{ grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }, 'invalid_client_metadata'],
    [{ redirect_uris, client_name: '' }, 'invalid_client_metadata'],
    [{ redirect_uris, client_name: 'two\nlines' }, 'invalid_client_metadata'],
    [{ redirect_uris, client_name: 'x'.repeat(256) }, 'invalid_client_metadata'],
    [{ redirect_uris, client_name: ['x'] }, 'invalid_client_metadata'],
    [{ redirect_uris, client_uri: 'javascript:alert(1)' }, 'invalid_client_metadata'],
    [{ redirect_uris, client_uri: 'tempo.example' }, 'invalid_client_metadata'],
    [{ redirect_uris, scope: ['read'] }, 'invalid_client_metadata'],
    [{ redirect_uris, scope: 'nonsense' }, 'invalid_client_metadata'],
  ])('refuses %j with %s (§3.2.2)', async (metadata, error) => {
    const answer = await register(metadata)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
    })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await pod.db.client.count()).toBe(0)
  })

  test.each(['/api/v1/oauth/register', '/api/v1/oauth/register/'])('takes forms too, at %s (S63)', async (url) => {
    const fields = { redirect_uris: ['app://a', 'app://b'], grant_types: 'authorization_code', client_name: 'Tempo' }
    for (const body of [form(fields), multipart(fields)]) {
      const answer = await send(pod, 'POST', url, { body })
      expect(answer.statusCode).toBe(201)
      expect(answer.json()).toMatchObject({ ...fields, grant_types: ['authorization_code'] })
    }
  })

  test('what it answers is what works: the secret by Basic, only the grant types that were registered', async () => {
    const { client_id, client_secret } = (await register({ grant_types: ['client_credentials'] })).json()
    const ask = (grant_type: string) =>
      send(pod, 'POST', '/api/v1/oauth/token', {
        body: form({ grant_type, code: 'x', redirect_uri: 'x', refresh_token: 'x' }),
        headers: basic(client_id, client_secret),
      })
    expect((await ask('client_credentials')).statusCode).toBe(200)
    expect((await ask('authorization_code')).json().error).toBe('unauthorized_client')
    expect((await ask('refresh_token')).json().error).toBe('unauthorized_client')
  })

  test('a client gets a refresh token only if it registered that grant type', async () => {
    const { verifier: code_verifier, challenge } = newPkce()
    for (const [grant_types, type] of [
      [['authorization_code'], 'undefined'],
      [['authorization_code', 'refresh_token'], 'string'],
    ]) {
      const metadata = { redirect_uris, grant_types, token_endpoint_auth_method: 'none' }
      const { client_id: clientId } = (await register(metadata)).json()
      const client = await pod.db.client.findUniqueOrThrow({ where: { clientId } })
      const answer = await exchange(pod, { client }, await aCode(pod, { client }, { challenge }), { code_verifier })
      expect([answer.statusCode, typeof answer.json().refresh_token]).toEqual([200, type])
    }
  })

  test('nobody owns such a client, not even a signed-in user who registers it (S44)', async () => {
    const { browser } = await signedIn(pod)
    await aUser(pod.db)
    const headers = asScript(browser)
    const answer = await send(pod, 'POST', '/api/v1/oauth/register', { body: json({ redirect_uris }), headers })
    expect(answer.statusCode).toBe(201)
    expect(await pod.db.client.findFirst()).toMatchObject({
      ownerId: null,
      applicationTokenHash: null,
      origin: 'dynamic',
    })
  })
})

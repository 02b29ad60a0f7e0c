import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isKnownScope } from '../../../src/access/scope-catalogue.ts'
import { defaultGrantTypes } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { aCode, authorizationUrl, exchange, newPkce, postAs, signedIn, someTokens } from '../../support/oauth-flow.ts'
import { basic, bearer, form, json, send } from '../../support/requests.ts'

const origin = 'https://pod.example.org'
const issuer = `${origin}/`
const documentPath = '/.well-known/oauth-authorization-server'

let pod: TestApp
let metadata: Record<string, string & string[]>
beforeAll(async () => {
  pod = await testApp({ publicUrl: origin })
  metadata = (await pod.app.inject(documentPath)).json()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const pathOf = (name: string) => {
  const url = new URL(metadata[name] ?? 'missing:')
  expect(url.origin).toBe(origin)
  return url.pathname
}

describe('authorization server metadata (RFC 8414)', () => {
  test('is JSON that anybody may read and keep for minutes', async () => {
    const answer = await pod.app.inject({ url: documentPath, headers: { origin: 'https://player.example' } })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['cache-control']).toBe('public, max-age=300')
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('comes from PUBLIC_URL, whatever Host and X-Forwarded-* say (S18, S71)', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    const answer = await pod.app.inject({ url: documentPath, headers })
    expect(answer.json()).toEqual(metadata)
    expect(answer.body).not.toContain('evil')
    expect(metadata.issuer).toBe(issuer)
  })

  test('lists S256 and not plain, code and nothing implicit (S18)', () => {
    expect(metadata.code_challenge_methods_supported).toEqual(['S256'])
    expect(metadata.response_types_supported).toEqual(['code'])
    expect(metadata.response_modes_supported).toEqual(['query'])
    expect(metadata.grant_types_supported).toEqual([...defaultGrantTypes])
    expect(metadata.token_endpoint_auth_methods_supported).toEqual([
      'client_secret_basic',
      'client_secret_post',
      'none',
    ])
  })

  test('names the scopes that can be granted, in Funkwhale’s words and in Mastodon’s', () => {
    const names = ['read', 'write', 'profile', 'follow', 'read:favorites', 'read:favourites', 'write:applications']
    expect(metadata.scopes_supported).toEqual(expect.arrayContaining(names))
    expect(metadata.scopes_supported?.every(isKnownScope)).toBe(true)
    expect(metadata.scopes_supported?.filter((name) => /security|plugins|instance/.test(name))).toEqual([])
  })
})

describe('what the metadata promises', () => {
  test('authorization_endpoint asks the user, and the answer has iss (RFC 9207)', async () => {
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
    const client = await aClient(pod.db)
    const { browser } = await signedIn(pod)
    const path = authorizationUrl(client).replace('/authorize', pathOf('authorization_endpoint'))
    const answer = await browser.submit(await browser.get(path), '/authorize', { decision: 'allow' })
    expect(new URL(answer.url).searchParams.get('iss')).toBe(issuer)
  })

  test('registration_endpoint registers a client of every authentication method', async () => {
    for (const method of metadata.token_endpoint_auth_methods_supported ?? []) {
      const body = json({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: method })
      const answer = await send(pod, 'POST', pathOf('registration_endpoint'), { body })
      expect(answer.statusCode).toBe(201)
      expect(answer.json().token_endpoint_auth_method).toBe(method)
    }
  })

  test('token_endpoint knows every grant type', async () => {
    const client = await aClient(pod.db)
    for (const grant_type of metadata.grant_types_supported ?? []) {
      const body = form({ grant_type, client_id: client.client.clientId, client_secret: client.secret })
      const answer = await send(pod, 'POST', pathOf('token_endpoint'), { body })
      expect(['unsupported_grant_type', 'unauthorized_client']).not.toContain(answer.json().error)
    }
  })

  test('token_endpoint takes every authentication method', async () => {
    const client = await aClient(pod.db)
    const native = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, native, { challenge })
    expect((await exchange(pod, native, code, { code_verifier: verifier })).statusCode).toBe(200)
    expect((await exchange(pod, client, await aCode(pod, client))).statusCode).toBe(200)
    const headers = basic(client.client.clientId, client.secret)
    const body = form({ grant_type: 'client_credentials' })
    expect((await send(pod, 'POST', pathOf('token_endpoint'), { headers, body })).statusCode).toBe(200)
  })

  test.each(['revocation', 'introspection'] as const)('%s_endpoint takes every method it lists', async (name) => {
    const methods = metadata[`${name}_endpoint_auth_methods_supported`]
    const listed = { revocation: ['client_secret_basic', 'client_secret_post', 'none'] }
    expect(methods).toEqual(name === 'revocation' ? listed.revocation : listed.revocation.slice(0, 2))
    const { client, secret } = await aClient(pod.db)
    const native = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const url = pathOf(`${name}_endpoint`)
    const post = (fields: Record<string, string>, headers = {}) =>
      send(pod, 'POST', url, { headers, body: form({ token: 'unknown', ...fields }) })
    expect((await post({}, basic(client.clientId, secret))).statusCode).toBe(200)
    expect((await post({ client_id: client.clientId, client_secret: secret })).statusCode).toBe(200)
    const withNone = await post({ client_id: native.client.clientId })
    expect(withNone.statusCode).toBe(methods?.includes('none') ? 200 : 400)
  })

  test('introspection_endpoint and revocation_endpoint know the tokens of token_endpoint', async () => {
    const client = await aClient(pod.db)
    const { access_token } = await someTokens(pod, client)
    expect((await postAs(pod, client, 'introspect', { token: access_token })).json().active).toBe(true)
    await postAs(pod, client, 'revoke', { token: access_token })
    expect((await postAs(pod, client, 'introspect', { token: access_token })).json().active).toBe(false)
  })

  test('app_registration_endpoint registers, and userinfo_endpoint tells who the user is and the same issuer', async () => {
    const body = json({ client_name: 'Elephant' })
    expect((await send(pod, 'POST', pathOf('app_registration_endpoint'), { body })).statusCode).toBe(200)
    const { access_token } = await someTokens(pod, await aClient(pod.db))
    const answer = await send(pod, 'GET', pathOf('userinfo_endpoint'), { headers: bearer(access_token) })
    expect(answer.json()).toMatchObject({ iss: issuer, preferred_username: expect.any(String) })
  })

  test('service_documentation is a page', async () => {
    const answer = await send(pod, 'GET', pathOf('service_documentation'))
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  })

  test('device_authorization_endpoint starts, and its address for people is a page', async () => {
    const { client, secret } = await aClient(pod.db)
    const body = form({ client_id: client.clientId, client_secret: secret })
    const answer = await send(pod, 'POST', pathOf('device_authorization_endpoint'), { body })
    const { browser } = await signedIn(pod)
    const page = await browser.get(new URL(answer.json().verification_uri).pathname)
    expect(page.html.querySelector('input[name=user_code]')).not.toBeNull()
  })

  test('every scope it lists can be had', async () => {
    const scopes = metadata.scopes_supported ?? []
    const client = await aClient(pod.db, { scopes })
    const scope = scopes.join(' ')
    const answer = await postAs(pod, client, 'token', { grant_type: 'client_credentials', scope })
    expect(answer.json()).toMatchObject({ scope })
  })
})

describe('protected resource metadata (RFC 9728)', () => {
  test('names the resource, its authorization server and how tokens are sent', async () => {
    const answer = await pod.app.inject('/.well-known/oauth-protected-resource')
    expect(answer.json()).toEqual({
      resource: origin,
      authorization_servers: [issuer],
      scopes_supported: metadata.scopes_supported,
      bearer_methods_supported: ['header'],
    })
  })

  test('means it: a token in the query or the body is no credential (S41)', async () => {
    const { access_token } = await someTokens(pod, await aClient(pod.db))
    const url = '/api/v1/users/me'
    expect((await send(pod, 'GET', url, { headers: bearer(access_token) })).statusCode).toBe(200)
    expect((await send(pod, 'GET', `${url}?access_token=${access_token}`)).statusCode).toBe(401)
  })
})

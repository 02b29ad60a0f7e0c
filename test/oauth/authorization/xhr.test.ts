import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { exchange, formOf, newPkce, signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'

const uri = 'https://app.example/cb?x=1'
const oob = 'urn:ietf:wg:oauth:2.0:oob'
const android = 'urn:/audio.funkwhale.funkwhale-android/oauth/callback'

let pod: TestApp
let client: Registered
let browser: Browser

beforeAll(async () => {
  pod = await testApp()
  client = await aClient(pod.db, { redirectUris: [uri, oob, android, 'app://cb'] })
  browser = (await signedIn(pod)).browser
})
afterAll(() => pod.close())

type Fields = Record<string, string | string[] | undefined>
const script = { 'x-requested-with': 'XMLHttpRequest' }

function fields(changes: Fields = {}): Fields {
  const usual = { client_id: client.client.clientId, redirect_uri: uri, response_type: 'code', scope: 'read' }
  return { ...usual, state: 'xyz', allow: 'true', ...changes }
}

function send(payload: string | object, headers: Record<string, string> = {}, url = '/api/v1/oauth/authorize/') {
  const own = { cookie: browser.cookieHeader, 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' }
  const type = typeof payload === 'string' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  return pod.app.inject({ method: 'POST', url, headers: { ...own, ...type, ...headers }, payload })
}

const asScript = (changes: Fields) => send(formOf(fields(changes)), script)
const asForm = (changes: Fields) => send(formOf(fields(changes)))
const addressWith = (query: string) => expect.stringMatching(new RegExp(`^https://app\\.example/cb\\?x=1&${query}`))

describe('allowed', () => {
  test('a script is told where to go and the code (Funkwhale API)', async () => {
    const answer = await asScript({})
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    const { redirect_uri, code } = answer.json()
    expect(redirect_uri).toBe(`${uri}&code=${code}&state=xyz&iss=http%3A%2F%2F127.0.0.1%3A5000%2F`)
    const { access_token } = (await exchange(pod, client, code)).json()
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
  })

  test('a form is redirected with 302', async () => {
    const answer = await asForm({})
    expect(answer.statusCode).toBe(302)
    expect(answer.headers.location).toEqual(addressWith('code=blc_\\w{43}&state=xyz&iss='))
  })

  test.each([oob, android, 'app://cb'])('to %s as to any other URI (S3)', async (redirect_uri) => {
    const body = (await asScript({ redirect_uri })).json()
    expect(body.redirect_uri).toContain(`${redirect_uri}?code=${body.code}`)
    expect((await asForm({ redirect_uri })).headers.location).toContain(`${redirect_uri}?code=`)
  })

  test('PKCE counts here too (S23)', async () => {
    const { challenge, verifier } = newPkce()
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    const tokens = async (given: Fields) => exchange(pod, client, (await asScript(pkce)).json().code, given)
    expect((await tokens({})).statusCode).toBe(400)
    expect((await tokens({ code_verifier: verifier })).statusCode).toBe(200)
  })

  test('the token gets what the app registered of what was asked for', async () => {
    const radios = await aClient(pod.db, { scopes: ['read:radios', 'write'], redirectUris: [uri] })
    const { code } = (await asScript({ client_id: radios.client.clientId })).json()
    expect((await exchange(pod, radios, code)).json().scope).toBe('read:radios')
  })

  test.each(['true', 'True', '1', 'on', 'yes'])('allow=%s is a yes', async (allow) => {
    expect((await asScript({ allow })).json().code).toMatch(/^blc_/)
  })
})

describe('refused: the answer goes to the app', () => {
  test.each<[string, Fields, string]>([
    ['denied', { allow: 'false' }, 'access_denied'],
    ['denied with 0', { allow: '0' }, 'access_denied'],
    ['denied by an empty field', { allow: '' }, 'access_denied'],
    ['denied by leaving it out', { allow: undefined }, 'access_denied'],
    ['allow twice', { allow: ['true', 'true'] }, 'access_denied'],
    ['an unknown scope', { scope: 'read unheard:of' }, 'invalid_scope'],
    ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
    ['another response_type', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['a bad PKCE method', { code_challenge: newPkce().challenge, code_challenge_method: 'S512' }, 'invalid_request'],
    ['PKCE plain', { code_challenge: newPkce().challenge }, 'invalid_request'],
  ])('%s', async (_name, changes, error) => {
    const answer = await asScript(changes)
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { redirect_uri: addressWith(`error=${error}&error_description=.*&state=xyz&iss=`), code: null },
    ])
    const redirect = await asForm(changes)
    expect([redirect.statusCode, redirect.headers.location]).toEqual([302, addressWith(`error=${error}&`)])
    const shown = await asScript({ ...changes, redirect_uri: oob })
    expect([shown.statusCode, shown.json()]).toEqual([400, { error, error_description: expect.any(String) }])
    expect(shown.headers['content-type']).toBe('application/json; charset=utf-8')
  })
})

describe('refused: the answer stays here (S5)', () => {
  const required = 'This field is required.'

  test('missing fields are named in the order that clients know', async () => {
    for (const answer of [await send('', script), await send('')]) {
      expect(answer.statusCode).toBe(400)
      expect(Object.entries(answer.json())).toEqual(
        ['redirect_uri', 'scope', 'client_id', 'response_type'].map((name) => [name, [required]]),
      )
    }
    expect((await asScript({ scope: undefined, redirect_uri: '' })).json()).toEqual({
      redirect_uri: [required],
      scope: [required],
    })
  })

  test.each<[string, Fields, object]>([
    ['an unknown client', { client_id: 'x' }, { non_field_errors: ['Invalid application'] }],
    ['both unknown', { client_id: 'x', redirect_uri: 'x' }, { non_field_errors: ['Invalid application'] }],
    ['another redirect URI', { redirect_uri: `${uri}/` }, { detail: 'Mismatching redirect URI.' }],
    ['a redirect URI with a fragment', { redirect_uri: `${uri}#x` }, { detail: 'Invalid redirect URI.' }],
    ['a relative redirect URI', { redirect_uri: '/cb' }, { detail: 'Invalid redirect URI.' }],
    ['a redirect URI twice', { redirect_uri: [uri, uri] }, { redirect_uri: [expect.stringContaining('Not a valid')] }],
  ])('%s', async (_name, changes, body) => {
    for (const answer of [await asScript(changes), await asForm(changes)]) {
      expect([answer.statusCode, answer.json()]).toEqual([400, body])
    }
  })
})

describe('who may', () => {
  test('nobody without a session: 401', async () => {
    const answer = await send(formOf(fields()), { ...script, cookie: '' })
    expect([answer.statusCode, answer.json()]).toEqual([
      401,
      { detail: 'Authentication credentials were not provided.' },
    ])
  })

  test('no token, whatever it holds, also beside a session (S44)', async () => {
    const { access_token } = await someTokens(pod, client, { scopes: ['read', 'write'] })
    const owned = await aClient(pod.db, { ownerId: (await aUser(pod.db)).id, scopes: ['write', 'write:security'] })
    for (const token of [access_token, owned.applicationToken]) {
      const authorization = `Bearer ${token}`
      expect((await send(formOf(fields()), { ...script, authorization, cookie: '' })).statusCode).toBe(403)
      expect((await send(formOf(fields()), { ...script, authorization })).statusCode).toBe(403)
    }
    expect((await send(formOf(fields()), { ...script, authorization: 'Bearer x', cookie: '' })).statusCode).toBe(401)
  })

  test('only a page of this pod, with its CSRF token in header or field (S14)', async () => {
    const statusOf = async (headers: Record<string, string>, changes: Fields = {}) =>
      (await send(formOf(fields(changes)), { ...script, ...headers })).statusCode
    expect(await statusOf({ 'x-csrftoken': '' })).toBe(403)
    expect(await statusOf({ 'x-csrftoken': 'x'.repeat(65) })).toBe(403)
    expect(await statusOf({ origin: 'https://evil.example' })).toBe(403)
    expect(await statusOf({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await statusOf({ origin: pod.config.publicUrl, 'sec-fetch-site': 'same-origin' })).toBe(200)
  })

  test('no other origin is let in by CORS (S16)', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const method of ['OPTIONS', 'GET', 'POST'] as const) {
      const answer = await pod.app.inject({ method, url: '/api/v1/oauth/authorize/', headers })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('the wire', () => {
  const multipart = (given: Fields) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(given)) if (typeof value === 'string') form.append(name, value)
    return form
  }

  test.each<[string, () => string | object]>([
    ['urlencoded', () => formOf(fields())],
    ['multipart', () => multipart(fields())],
    ['JSON', () => fields()],
    ['JSON with allow: true', () => ({ ...fields(), allow: true })],
  ])('takes %s, with and without a slash at the end', async (_name, body) => {
    for (const url of ['/api/v1/oauth/authorize', '/api/v1/oauth/authorize/']) {
      expect((await send(body(), script, url)).json().code).toMatch(/^blc_/)
    }
  })

  test.each<[object, string]>([
    [{ client_id: 5 }, 'client_id'],
    [{ scope: { not: '' } }, 'scope'],
    [{ state: 5 }, 'state'],
    [{ code_challenge: true }, 'code_challenge'],
    [{ code_challenge: { x: 'y' } }, 'code_challenge'],
  ])('refuses %j, which is no text (S62)', async (changes, name) => {
    const answer = await send({ ...fields(), ...changes }, script)
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, [name]])
  })

  test.each(['[]', '"x"', '5', 'null', '{'])('refuses %s, which has no fields', async (payload) => {
    expect((await send(payload, { ...script, 'content-type': 'application/json' })).statusCode).toBe(400)
  })

  test.each([true, false])(
    'GET leads to the page with the same query (ListenBrainz), logged in: %s',
    async (loggedIn) => {
      const query = '?response_type=code&client_id=a%2Bb&scope=read+write&state=%C3%A4&x&x=1'
      const headers = loggedIn ? { cookie: browser.cookieHeader } : {}
      for (const path of ['/api/v1/oauth/authorize', '/api/v1/oauth/authorize/']) {
        const answer = await pod.app.inject({ url: path + query, headers })
        expect([answer.statusCode, answer.headers.location]).toEqual([302, `/authorize${query}`])
      }
    },
  )
})

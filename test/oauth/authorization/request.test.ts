import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser, Page } from '../../support/browser.ts'
import { aClient, aUser, password } from '../../support/factories.ts'
import { authorizationUrl, type Changes, newPkce, signedIn } from '../../support/oauth-flow.ts'

const { challenge } = newPkce()
const uri = 'https://app.example/callback'
const oob = 'urn:ietf:wg:oauth:2.0:oob'

let pod: TestApp
let browser: Browser
let client: Registered
let twoUris: Registered

beforeAll(async () => {
  pod = await testApp()
  browser = (await signedIn(pod)).browser
  client = await aClient(pod.db, { redirectUris: [uri] })
  twoUris = await aClient(pod.db, { redirectUris: [uri, 'https://app.example/other', oob] })
})
afterAll(() => pod.close())

const answerOf = ({ url }: Page) => Object.fromEntries(new URL(url).searchParams)

describe('without a known client and a registered redirect URI there is a page and never a redirect (S5)', () => {
  test.each<[string, Changes]>([
    ['no client_id', { client_id: undefined }],
    ['an empty client_id', { client_id: '' }],
    ['an unknown client_id', { client_id: 'a'.repeat(40) }],
    ['a client_id of 5000 characters', { client_id: 'a'.repeat(5000) }],
    ['a client_id given as a list', { client_id: ['one', 'two'] }],
    ['a client_id with a NUL (S61)', { client_id: 'a\0' }],
    ['an unregistered redirect_uri', { redirect_uri: 'https://evil.example/callback' }],
    ['a path below a registered redirect_uri (S1)', { redirect_uri: `${uri}/more` }],
    ['a registered redirect_uri with a slash at its end (S1)', { redirect_uri: `${uri}/` }],
    ['a registered redirect_uri in capitals (S1)', { redirect_uri: uri.toUpperCase() }],
    ['a registered redirect_uri with a query (S1)', { redirect_uri: `${uri}?x=1` }],
    ['a registered redirect_uri with blanks around it (S1)', { redirect_uri: ` ${uri} ` }],
    ['all registered redirect URIs at once (S1)', { redirect_uri: `${uri} https://app.example/other` }],
    ['a registered redirect_uri twice', { redirect_uri: [uri, uri] }],
    ['javascript: as redirect_uri', { redirect_uri: 'javascript:alert(1)' }],
    ['no redirect_uri, of several (S7)', { redirect_uri: undefined }],
    ['an empty redirect_uri, of several (S7)', { redirect_uri: '' }],
  ])('%s', async (_name, changes) => {
    for (const visitor of [pod.browser(), browser]) {
      const url = authorizationUrl(twoUris, { ...changes, response_type: 'nonsense' })
      const page = await visitor.get(url)
      expect(page).toMatchObject({ status: 400, url })
      expect(page.headers.location).toBeUndefined()
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.html.querySelector('form[action="/authorize"], form[action="/login"]')).toBeNull()
    }
  })

  test('the right client_id twice', async () => {
    const url = authorizationUrl(client, { client_id: [client.client.clientId, client.client.clientId] })
    expect(await browser.get(url)).toMatchObject({ status: 400, url })
  })
})

/** What is wrong with a request, and the error it leads to (RFC 6749 §4.1.2.1). */
const errors: [string, Changes, string][] = [
  ['no response_type', { response_type: undefined }, 'invalid_request'],
  ['an empty response_type', { response_type: '' }, 'invalid_request'],
  ['response_type=token (S10)', { response_type: 'token' }, 'unsupported_response_type'],
  ['response_type=code token (S10)', { response_type: 'code token' }, 'unsupported_response_type'],
  ['response_type=CODE (S10)', { response_type: 'CODE' }, 'unsupported_response_type'],
  ['response_type=__proto__ (S10)', { response_type: '__proto__' }, 'unsupported_response_type'],
  ['a response_type of 5000 characters (S10)', { response_type: 'a'.repeat(5000) }, 'unsupported_response_type'],
  ['response_type twice (S9)', { response_type: ['code', 'code'] }, 'invalid_request'],
  ['scope twice (S9)', { scope: ['read', 'read'] }, 'invalid_request'],
  ['code_challenge twice (S9)', { code_challenge: [challenge, challenge] }, 'invalid_request'],
  ['code_challenge_method twice (S9)', { code_challenge_method: ['S256', 'S256'] }, 'invalid_request'],
  ['an unknown scope', { scope: 'read nonsense' }, 'invalid_scope'],
  ['PKCE plain (S23)', { code_challenge: challenge, code_challenge_method: 'plain' }, 'invalid_request'],
  ['PKCE s256 (S23)', { code_challenge: challenge, code_challenge_method: 's256' }, 'invalid_request'],
  ['PKCE without a method, which is plain (S23)', { code_challenge: challenge }, 'invalid_request'],
  ['a challenge of 42 characters (S23)', pkce('a'.repeat(42)), 'invalid_request'],
  ['a challenge of 129 characters (S23)', pkce('a'.repeat(129)), 'invalid_request'],
  ['a challenge with padding (S23)', pkce(`${challenge}=`), 'invalid_request'],
]

function pkce(code_challenge: string): Changes {
  return { code_challenge, code_challenge_method: 'S256' }
}

describe('everything else goes back to the client, with error, state and iss (S6, S17)', () => {
  test.each(errors)('%s', async (_name, changes, error) => {
    const page = await browser.get(authorizationUrl(client, changes))
    expect(page.status).toBe(303)
    expect(page.url).toMatch(/^https:\/\/app\.example\/callback\?error=/)
    expect(answerOf(page)).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
      state: 'xyz',
      iss: `${pod.config.publicUrl}/`,
    })
  })

  test.each(errors)('%s: a page where the code would be shown on one', async (_name, changes) => {
    const url = authorizationUrl(twoUris, { redirect_uri: oob, ...changes })
    expect(await browser.get(url)).toMatchObject({ status: 400, url })
  })

  test('state twice: no state comes back (S9)', async () => {
    const page = await browser.get(authorizationUrl(client, { state: ['a', 'b'] }))
    expect(answerOf(page)).toMatchObject({ error: 'invalid_request' })
    expect(answerOf(page)).not.toHaveProperty('state')
  })

  test('a client that did not register the grant type: unauthorized_client', async () => {
    const other = await aClient(pod.db, { grantTypes: ['client_credentials'] })
    expect(answerOf(await browser.get(authorizationUrl(other)))).toMatchObject({ error: 'unauthorized_client' })
  })

  test('a client without a secret has to use PKCE (S25)', async () => {
    const open = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    expect(answerOf(await browser.get(authorizationUrl(open)))).toMatchObject({ error: 'invalid_request' })
    expect(await browser.get(authorizationUrl(open, pkce(challenge)))).toMatchObject({ status: 200 })
  })

  test('a client of the Mastodon API means S256 when it names no method', async () => {
    const mastodon = await aClient(pod.db, { origin: 'mastodon' })
    expect(await browser.get(authorizationUrl(mastodon, { code_challenge: challenge }))).toMatchObject({ status: 200 })
    const plain = { code_challenge: challenge, code_challenge_method: 'plain' }
    expect(answerOf(await browser.get(authorizationUrl(mastodon, plain)))).toMatchObject({ error: 'invalid_request' })
  })

  test('nobody is redirected before they have logged in (RFC 9700 §4.11.2)', async () => {
    const stranger = pod.browser()
    const page = await stranger.get(authorizationUrl(client, { scope: 'nonsense' }))
    expect(page.url).toMatch(/^\/login\?next=/)
    const { username } = await aUser(pod.db)
    const loggedIn = await stranger.submit(page, '/login', { username, password })
    expect(answerOf(loggedIn)).toMatchObject({ error: 'invalid_scope', state: 'xyz' })
  })
})

describe('what does no harm', () => {
  test.each<[string, Changes]>([
    ['an unknown parameter, even twice (S9)', { nonce: ['1', '2'], prompt: 'none', x: 'y' }],
    ['empty parameters count as absent (S9)', { state: '', code_challenge: '', code_challenge_method: '', scope: '' }],
    ['a method without a challenge is no PKCE (S24)', { code_challenge_method: 'S256' }],
    ['a left out redirect_uri, when one is registered (S7)', { redirect_uri: undefined }],
    ['an empty redirect_uri, when one is registered (S7, S9)', { redirect_uri: '' }],
  ])('%s', async (_name, changes) => {
    const page = await browser.get(authorizationUrl(client, changes))
    expect(page.status).toBe(200)
    const { status, url } = await browser.submit(page, '/authorize', { decision: 'allow' })
    expect(status).toBe(303)
    expect(url).toMatch(/^https:\/\/app\.example\/callback\?code=blc_/)
  })

  test('a query on POST is not looked at (S9)', async () => {
    const page = await browser.get(authorizationUrl(client))
    const form = page.html.querySelector('form[action="/authorize"]')
    form?.setAttribute('action', '/authorize?client_id=evil&decision=deny&redirect_uri=https://evil.example/')
    const { url } = await browser.submit(page, '/authorize', { decision: 'allow' })
    expect(url).toMatch(/^https:\/\/app\.example\/callback\?code=blc_/)
  })

  test('a slash at the end of the path', async () => {
    const page = await browser.get(authorizationUrl(client).replace('/authorize?', '/authorize/?'))
    expect(page.status).toBe(200)
  })
})

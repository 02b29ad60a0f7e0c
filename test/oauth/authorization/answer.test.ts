import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { aClient, aUser, password } from '../../support/factories.ts'
import { authorizationUrl, type Changes, exchange, signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
let browser: Browser
let client: Registered

beforeAll(async () => {
  pod = await testApp()
  browser = (await signedIn(pod)).browser
  client = await aClient(pod.db)
})
afterAll(() => pod.close())

/** Where the browser is sent after this decision. */
async function decide(decision: 'allow' | 'deny', asking: Registered, changes: Changes = {}): Promise<string> {
  return (await browser.submit(await browser.get(authorizationUrl(asking, changes)), '/authorize', { decision })).url
}

/** The parameters in an address that need not be a URL. */
const answerIn = (address: string) => Object.fromEntries(new URLSearchParams(address.slice(address.indexOf('?') + 1)))

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

describe('state comes back byte for byte (S8)', () => {
  test.each([
    ['one letter', 'x'],
    ['1520 characters, all of printable ASCII', printable.repeat(16)],
    ['percent signs that look like escapes', '%41%2B%%zz'],
    ['plus signs and blanks', 'a+b c++ '],
    ['what looks like parameters', 'a&code=evil&state=b#c'],
    ['JSON in Base64', 'eyJhIjoxfQ=='],
    ['letters beyond ASCII', 'größer 鲸 🐋'],
  ])('%s', async (_name, state) => {
    for (const decision of ['allow', 'deny'] as const) {
      const address = await decide(decision, client, { state })
      expect(answerIn(address).state).toBe(state)
      expect(address).toMatch(/^https:\/\/app\.example\/callback\?[\x21-\x7e]*$/)
    }
    expect(answerIn((await browser.get(authorizationUrl(client, { state, scope: 'x' }))).url).state).toBe(state)
  })

  test('also by way of the login page and of "Not you?"', async () => {
    const state = printable.repeat(16)
    const visitor = pod.browser()
    const login = await visitor.get(authorizationUrl(client, { state }))
    const { username } = await aUser(pod.db)
    const consent = await visitor.submit(login, '/login', { username, password })
    const loginAgain = await visitor.submit(consent, '/logout')
    const consentAgain = await visitor.submit(loginAgain, '/login', { username, password })
    const { url } = await visitor.submit(consentAgain, '/authorize', { decision: 'allow' })
    expect(answerIn(url).state).toBe(state)
  })

  test('also with signs that browsers leave as they are in an address', async () => {
    const visitor = pod.browser()
    const state = "\\|{}^`'()*!~$,;:@/?[]"
    const login = await visitor.get(`${authorizationUrl(client, { state: undefined })}&state=${state}`)
    const { username } = await aUser(pod.db)
    const consent = await visitor.submit(login, '/login', { username, password })
    expect(answerIn((await visitor.submit(consent, '/authorize', { decision: 'allow' })).url).state).toBe(state)
  })

  test.each([
    ['not sent', undefined],
    ['sent empty', ''],
  ])('%s: absent', async (_name, state) => {
    for (const decision of ['allow', 'deny'] as const) {
      expect(answerIn(await decide(decision, client, { state }))).not.toHaveProperty('state')
    }
  })
})

describe('the answer', () => {
  test('says code, state and issuer, in this order, after Allow (RFC 6749 §4.1.2, S17)', async () => {
    const address = await decide('allow', client)
    expect(Object.keys(answerIn(address))).toEqual(['code', 'state', 'iss'])
    expect(answerIn(address)).toMatchObject({
      code: expect.stringMatching(/^blc_\w{43}$/),
      iss: `${pod.config.publicUrl}/`,
    })
  })

  test('says access_denied after Deny (S6)', async () => {
    expect(answerIn(await decide('deny', client))).toEqual({
      error: 'access_denied',
      error_description: 'The resource owner denied the request.',
      state: 'xyz',
      iss: `${pod.config.publicUrl}/`,
    })
  })

  test('leads there with 303, so that no form is sent along (S11)', async () => {
    const page = await browser.get(authorizationUrl(client))
    for (const decision of ['deny', 'allow']) {
      const again = decision === 'allow' ? await browser.get(authorizationUrl(client)) : page
      expect((await browser.submit(again, '/authorize', { decision })).status).toBe(303)
    }
  })
})

describe('the redirect URI is left as it is', () => {
  test.each([
    ['a query (S6)', 'https://app.example/cb?session=1&x=%20+%2F', '&'],
    ['an open query (S6)', 'https://app.example/cb?', ''],
    ['an empty path', 'https://app.example', '?'],
    ['capitals in the host', 'https://App.Example/CB', '?'],
    ['a usual port', 'https://app.example:443/cb', '?'],
    ['a loopback address (RFC 8252 §7.3)', 'http://127.0.0.1:8080/cb', '?'],
    ['an IPv6 loopback address (RFC 8252 §7.3)', 'http://[::1]/cb', '?'],
    ['localhost', 'http://localhost:3000/cb', '?'],
    ['a private-use scheme (S3)', 'com.example.app:/cb', '?'],
    ['a private-use scheme with a host (S3)', 'app://cb', '?'],
    ["the Android client's urn: (S3)", 'urn:/audio.funkwhale.funkwhale-android/oauth/callback', '?'],
    ['a private-use scheme with a query (S3, S6)', 'app://cb?x=1', '&'],
  ])('%s', async (_name, redirectUri, separator) => {
    const asking = await aClient(pod.db, { redirectUris: [redirectUri] })
    const address = await decide('allow', asking)
    expect(address.slice(0, address.indexOf('code='))).toBe(redirectUri + separator)
    const denied = await decide('deny', asking)
    expect(denied.slice(0, denied.indexOf('error='))).toBe(redirectUri + separator)
    expect(answerIn(denied)).toMatchObject({ error: 'access_denied', state: 'xyz' })
    const { statusCode } = await exchange(pod, asking, answerIn(address).code ?? '')
    expect(statusCode).toBe(200)
  })

  test('a loopback address is answered on the port that was asked for, and the code is bound to it (S2)', async () => {
    const asking = await aClient(pod.db, { redirectUris: ['http://127.0.0.1/cb'] })
    const redirect_uri = 'http://127.0.0.1:49152/cb'
    const address = await decide('allow', asking, { redirect_uri })
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:49152\/cb\?code=/)
    const { code = '' } = answerIn(address)
    expect((await exchange(pod, asking, code)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await exchange(pod, asking, code, { redirect_uri })).statusCode).toBe(200)
  })
})

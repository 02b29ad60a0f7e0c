import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser, password } from '../support/factories.ts'
import { allow, allowedCode, anApp, appUrl, exchangeAsApp } from '../support/mastodon.ts'
import { signedIn } from '../support/oauth-flow.ts'
import { send } from '../support/requests.ts'

const oob = 'urn:ietf:wg:oauth:2.0:oob'
const callback = 'https://app.example/callback'

let pod: TestApp
let browser: Browser
let app: Awaited<ReturnType<typeof anApp>>
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  app = await anApp(pod, { scopes: ['read', 'write', 'follow', 'push', 'admin:read'] })
  browser = (await signedIn(pod, { username: 'alice' })).browser
})

describe('the way through /oauth/authorize', () => {
  test('goes by the login page to the consent page and back to the app by 302, with code and state', async () => {
    const stranger = pod.browser()
    const login = await stranger.get(appUrl(app))
    expect(login.html.querySelector('input[name=username]')?.getAttribute('autocomplete')).toBe('username')
    const failed = await stranger.submit(login, '/login', { username: 'alice', password: 'wrong' })
    expect([failed.status, failed.html.querySelector('input[name=username]')?.getAttribute('value')]).toEqual([
      422,
      'alice',
    ])
    const consent = await stranger.submit(failed, '/login', { username: 'alice@example.org', password })
    expect(consent.html.querySelectorAll('form[action="/oauth/authorize"] button').map(({ text }) => text)).toEqual([
      'Deny',
      'Allow',
    ])
    const answer = await stranger.submit(consent, '/oauth/authorize', { decision: 'allow' })
    expect(answer.status).toBe(302)
    const { origin, pathname, searchParams } = new URL(answer.url)
    expect([origin + pathname, searchParams.get('state')]).toEqual([callback, 'xyz'])
    const token = await exchangeAsApp(pod, app, searchParams.get('code') ?? '')
    expect(token.json().scope).toBe('read')
  })

  test('denied, it ends at the app, with access_denied and state', async () => {
    const page = await browser.submit(await browser.get(appUrl(app)), '/oauth/authorize', { decision: 'deny' })
    expect(page.status).toBe(302)
    expect(Object.fromEntries(new URL(page.url).searchParams)).toMatchObject({ error: 'access_denied', state: 'xyz' })
  })

  test('ends with iss, the issuer of the metadata, on success and on error (RFC 9207)', async () => {
    const { issuer } = (await send(pod, 'GET', '/.well-known/oauth-authorization-server')).json()
    const { url } = await allow(browser, app)
    const refused = await browser.get(appUrl(app, { scope: 'x' }))
    expect([url, refused.url].map((one) => new URL(one).searchParams.get('iss'))).toEqual([issuer, issuer])
  })

  test('keeps the query of the redirect URI, and state byte for byte', async () => {
    const state = 'a+b/c=?&%25 ~!*'
    const uri = 'com.example.app:/cb?kept=1'
    const { url } = await allow(browser, await anApp(pod, { redirectUris: [uri] }), { state })
    expect(url.startsWith(`${uri}&code=blc_`)).toBe(true)
    expect(new URL(url).searchParams.get('state')).toBe(state)
  })

  test('may leave out the one redirect URI that is registered, and no other', async () => {
    expect((await allow(browser, app, { redirect_uri: undefined })).url.startsWith(`${callback}?code=`)).toBe(true)
    const two = await anApp(pod, { redirectUris: [callback, 'app://cb'] })
    expect((await browser.get(appUrl(two, { redirect_uri: undefined }))).status).toBe(400)
  })

  test('any port will do on 127.0.0.1 and [::1], not on localhost', async () => {
    const redirectUris = ['http://127.0.0.1/cb', 'http://[::1]:1000/cb', 'http://localhost:1000/cb']
    const native = await anApp(pod, { redirectUris })
    const statusOf = async (redirect_uri: string) => (await browser.get(appUrl(native, { redirect_uri }))).status
    expect(await statusOf('http://127.0.0.1:51000/cb')).toBe(200)
    expect(await statusOf('http://[::1]:51000/cb')).toBe(200)
    expect(await statusOf('http://localhost:51000/cb')).toBe(400)
    const code = await allowedCode(browser, native, { redirect_uri: 'http://127.0.0.1:51000/cb' })
    const exchange = (redirect_uri: string) => exchangeAsApp(pod, native, code, { redirect_uri })
    expect((await exchange('http://127.0.0.1:51001/cb')).statusCode).toBe(400)
    expect((await exchange('http://127.0.0.1:51000/cb')).statusCode).toBe(200)
  })

  test('shows an out-of-band code alone on a page that is not kept; reloading makes no other', async () => {
    const script = await anApp(pod, { name: 'Script', redirectUris: [oob] })
    const page = await allow(browser, script)
    const codes = page.html.querySelectorAll('code, input[readonly]').map((one) => one.textContent)
    expect([codes.length, page.status]).toEqual([1, 200])
    expect(page.text).toContain('Script')
    expect(page.headers).toMatchObject({ 'cache-control': 'private, no-store', 'referrer-policy': 'no-referrer' })
    const again = await browser.get(page.url)
    expect(again.html.querySelector('code')?.textContent).toBe(codes[0])
    expect(await pod.db.authorizationCode.count()).toBe(1)
    expect((await exchangeAsApp(pod, script, codes[0] ?? '')).statusCode).toBe(200)
  })

  test('denied out of band, it ends on a page', async () => {
    const script = await anApp(pod, { redirectUris: [oob] })
    const page = await browser.submit(await browser.get(appUrl(script)), '/oauth/authorize', { decision: 'deny' })
    expect([page.status, page.html.querySelector('h1') === null]).toEqual([200, false])
  })

  test('is open to apps registered as with Funkwhale, under the same rules', async () => {
    const client = await aClient(pod.db, { scopes: ['read'] })
    expect((await exchangeAsApp(pod, client, await allowedCode(browser, client))).statusCode).toBe(200)
    const { url } = await browser.get(appUrl(client, { scope: 'read write' }))
    expect(new URL(url).searchParams.get('error')).toBe('invalid_scope')
  })

  test('asks again each time, also for what was allowed before', async () => {
    await allow(browser, app)
    expect((await browser.get(appUrl(app))).html.querySelector('button[value=allow]')).not.toBeNull()
  })

  test('pages are for nobody’s scripts or frames', async () => {
    const answer = await pod.app.inject({
      url: appUrl(app),
      headers: { cookie: browser.cookieHeader, origin: 'https://evil.example' },
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    expect(answer.headers).toMatchObject({ 'cache-control': 'private, no-store', 'x-frame-options': 'DENY' })
    expect(answer.headers['content-security-policy']).toContain("form-action 'self' https://app.example")
  })
})

describe('force_login', () => {
  test.each(['true', '1', 'on', 'True'])(
    '%s shows the login form to who is signed in, and then asks',
    async (force_login) => {
      const login = await browser.get(appUrl(app, { force_login }))
      expect(login.html.querySelector('input[name=password]')).not.toBeNull()
      const bob = await aUser(pod.db, { username: 'bob' })
      const consent = await browser.submit(login, '/login', { username: 'bob', password })
      expect(consent.text).toContain('bob')
      const { url } = await browser.submit(consent, '/oauth/authorize', { decision: 'allow' })
      expect(new URL(url).searchParams.get('state')).toBe('xyz')
      expect(await pod.db.grant.findMany()).toMatchObject([{ userId: bob.id }])
    },
  )

  test.each(['false', '0', 'False', '', 'x'])('%j asks at once', async (force_login) => {
    const page = await browser.get(appUrl(app, { force_login }))
    expect(page.html.querySelector('button[value=allow]')).not.toBeNull()
  })

  test.each(['de', 'xx', 'zz-ZZ'])('lang=%s changes nothing, as do unknown parameters', async (lang) => {
    const page = await browser.get(appUrl(app, { lang, nonce: 'x', response_mode: 'query' }))
    expect([page.status, page.html.querySelector('html')?.getAttribute('lang')]).toEqual([200, 'en'])
  })
})

describe('an account that may not act', () => {
  const expectExplained = async (someone: Browser, title: RegExp) => {
    const page = await someone.get(appUrl(app))
    expect([page.status, page.url]).toEqual([403, appUrl(app)])
    expect(page.html.querySelector('h1')?.text).toMatch(title)
    expect(await pod.db.authorizationCode.count()).toBe(0)
  }

  test('is told that it is disabled, without a code', async () => {
    await pod.db.user.updateMany({ data: { isActive: false } })
    await expectExplained(browser, /disabled/)
    await expect(allow(browser, app)).rejects.toThrow(/no form/)
  })

  test('is told to confirm its address, where that is demanded', async () => {
    const strict = await testApp({ accountEmailVerificationEnforce: true })
    const { user, browser: someone } = await signedIn(strict, { emailVerifiedAt: new Date() })
    await pod.db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: null } })
    await expectExplained(someone, /Confirm/)
    await strict.close()
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { aClient, aUser, password } from '../support/factories.ts'

const own = 'http://127.0.0.1:5000'
let pod: TestApp
let securePod: TestApp

beforeAll(async () => {
  pod = await testApp()
  securePod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => Promise.all([pod.close(), securePod.close()]))

async function signedIn(app = pod): Promise<Browser> {
  const browser = app.browser()
  await browser.logIn((await aUser(app.db)).username, password)
  return browser
}

const tokenOf = (browser: Browser) => browser.cookies.get('csrftoken') ?? expect.fail('no csrftoken cookie')
const isSignedIn = async (browser: Browser) => (await browser.get('/logout')).text.includes('Stay logged in')

describe('where a form comes from (S14, S60)', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['a page of the pod', { origin: own, 'sec-fetch-site': 'same-origin' }],
    ['a page of the pod that hides its address', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['a page of the pod, in an old browser', { origin: own }],
    ['the pod under another name', { origin: 'http://localhost:5000', host: 'localhost:5000' }],
    ['a tool that says nothing', { origin: undefined }],
    ['the user, by reloading', { origin: own, 'sec-fetch-site': 'none' }],
  ])('%s is let through', async (_name, headers) => {
    const browser = await signedIn()
    expect((await post(browser, headers)).status).toBe(200)
    expect(await isSignedIn(browser)).toBe(false)
  })

  test.each<[string, Record<string, string | undefined>]>([
    ['another site', { origin: 'https://evil.example' }],
    ['another site, with the pod in its name', { origin: `${own}.evil.example` }],
    ['another port', { origin: 'http://127.0.0.1:5001' }],
    ['a page without an origin', { origin: 'null' }],
    ['a page without an origin on another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['another site, whatever its Origin says', { origin: own, 'sec-fetch-site': 'cross-site' }],
    ['a sister site', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    [
      'another site behind a made-up proxy (S71)',
      { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    ],
    ['something that is no origin', { origin: 'evil' }],
  ])('%s is refused, even with the right token', async (_name, headers) => {
    const browser = await signedIn()
    expect((await post(browser, headers)).status).toBe(403)
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('plain http is another site where the pod is reached over https', async () => {
    const browser = await signedIn(securePod)
    const from = (origin: string) => post(browser, { origin, host: 'pod.example' })
    expect((await from('http://pod.example')).status).toBe(403)
    expect((await from('https://pod.example')).status).toBe(200)
  })

  /** Logs out with the right token. */
  function post(browser: Browser, headers: Record<string, string | undefined>) {
    return browser.post('/logout', { csrfmiddlewaretoken: tokenOf(browser) }, headers)
  }
})

describe('the token (S14, S50, S60)', () => {
  test.each<[string, (browser: Browser) => Promise<string | undefined>]>([
    ['missing', async () => undefined],
    ['empty', async () => ''],
    ['made up', async () => 'x'.repeat(65)],
    ['changed in its last character', async (browser) => `${tokenOf(browser).slice(0, -1)}~`],
    ['from before the login', async () => tokenBeforeLogin()],
    ['from another session', async () => tokenOf(await signedIn())],
  ])('%s: refused', async (_name, makeToken) => {
    const browser = await signedIn()
    const token = await makeToken(browser)
    const page = await browser.post('/logout', token === undefined ? {} : { csrfmiddlewaretoken: token })
    expect(page.status).toBe(403)
    expect(await isSignedIn(browser)).toBe(true)
  })

  test.each<[string, () => Promise<string>]>([
    ['made up', async () => 'x'.repeat(65)],
    ['from before the login', tokenBeforeLogin],
    ["of the attacker's own session", async () => tokenOf(await signedIn())],
  ])('planted as cookie and field alike, %s: refused, as it is bound to the session', async (_name, makeToken) => {
    const browser = await signedIn()
    const planted = await makeToken()
    browser.cookies.set('csrftoken', planted)
    expect((await browser.post('/logout', { csrfmiddlewaretoken: planted })).status).toBe(403)
    browser.cookies.delete('csrftoken')
    expect((await browser.post('/logout', { csrfmiddlewaretoken: planted })).status).toBe(403)
  })

  test('of a session that is over counts where nobody is signed in, for the browser that had it', async () => {
    const browser = await signedIn()
    const other = pod.browser()
    await other.get('/login')
    const [id, token] = [browser.cookies.get('sessionid') ?? '', tokenOf(browser)]
    const login = (own: Browser) => {
      own.cookies.set('csrftoken', token)
      return own.post('/login', { username: 'nobody', password, csrfmiddlewaretoken: token })
    }
    expect((await login(other)).status).toBe(403)
    await browser.post('/logout', { csrfmiddlewaretoken: token })
    browser.cookies.set('sessionid', id)
    expect((await login(browser)).status).toBe(422)
    expect((await login(other)).status).toBe(403)
  })

  test('also counts in the header X-CSRFToken, and nowhere else', async () => {
    const browser = await signedIn()
    const token = tokenOf(browser)
    expect((await browser.post(`/logout?csrfmiddlewaretoken=${token}`, {})).status).toBe(403)
    expect((await browser.post('/logout', { 'x-csrftoken': token })).status).toBe(403)
    expect((await browser.post('/logout', {}, { 'x-csrftoken': token })).status).toBe(200)
  })

  test('given twice counts for nothing', async () => {
    const browser = await signedIn()
    const token = tokenOf(browser)
    expect((await browser.post('/logout', { csrfmiddlewaretoken: [token, token] })).status).toBe(403)
  })

  test('is the same on every page of a session, so that two tabs do not end each other', async () => {
    const browser = await signedIn()
    const field = async () =>
      (await browser.get('/logout')).html.querySelector('[name=csrfmiddlewaretoken]')?.getAttribute('value')
    expect(await field()).toBe(await field())
  })

  test('is in a cookie that scripts of the pod can read, Secure over https (S48)', async () => {
    const cookie = async ({ app }: TestApp) => String((await app.inject('/login')).headers['set-cookie'])
    expect(await cookie(pod)).toMatch(/^csrftoken=[\w-]{65}; Path=\/; SameSite=Lax$/)
    expect(await cookie(securePod)).toMatch(/^csrftoken=[\w-]{65}; Path=\/; Secure; SameSite=Lax$/)
  })

  async function tokenBeforeLogin(): Promise<string> {
    const stranger = pod.browser()
    await stranger.get('/login')
    return tokenOf(stranger)
  }
})

describe('ways around it (S60)', () => {
  test.each([
    ['text/plain', (token: string) => `csrfmiddlewaretoken=${token}`],
    ['application/x-www-form-urlencoded-not', (token: string) => `csrfmiddlewaretoken=${token}`],
    ['', (token: string) => `csrfmiddlewaretoken=${token}`],
  ])('a body of the type %o is not read', async (type, body) => {
    const browser = await signedIn()
    const cookie = browser.cookieHeader
    const payload = body(tokenOf(browser))
    const answer = await pod.app.inject({
      method: 'POST',
      url: '/logout',
      headers: { cookie, 'content-type': type },
      payload,
    })
    expect([400, 403, 415]).toContain(answer.statusCode)
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('method overrides are ignored', async () => {
    const browser = await signedIn()
    await browser.get('/logout?_method=POST', { 'x-http-method-override': 'POST' })
    expect(await isSignedIn(browser)).toBe(true)
    const overridden = await browser.post('/logout', { _method: 'GET' }, { 'x-http-method-override': 'GET' })
    expect(overridden.status).toBe(403)
  })

  test('a JSON body of the API needs the token as well, a bearer token does not', async () => {
    const owner = await aUser(pod.db)
    const { applicationToken } = await aClient(pod.db, { ownerId: owner.id, scopes: ['write:security'] })
    const browser = await signedIn()
    const cookie = browser.cookieHeader
    const register = (headers: Record<string, string>) =>
      pod.app.inject({ method: 'POST', url: '/api/v1/oauth/apps', headers, payload: { name: 'App' } })
    const refused = await register({ cookie })
    expect([refused.statusCode, refused.json()]).toEqual([403, { detail: 'CSRF Failed: CSRF token missing.' }])
    expect((await register({ cookie, 'x-csrftoken': tokenOf(browser) })).statusCode).toBe(201)
    expect((await register({ authorization: `Bearer ${applicationToken}` })).statusCode).toBe(201)
  })
})

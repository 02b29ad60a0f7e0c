import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { digest } from '../../src/lib/secrets.ts'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { aUser, password } from '../support/factories.ts'
import { signedIn } from '../support/oauth-flow.ts'

const day = 24 * 60 * 60 * 1000
let pod: TestApp
let securePod: TestApp

beforeAll(async () => {
  pod = await testApp()
  securePod = await testApp({ publicUrl: 'https://pod.example' })
})
beforeEach(() => () => void vi.useRealTimers())
afterAll(() => Promise.all([pod.close(), securePod.close()]))

const idOf = (browser: Browser) => browser.cookies.get('sessionid') ?? expect.fail('no session')

/** Whether the pod knows who this is, by the cookies alone. */
async function isSignedIn(browser: Browser | string, app = pod): Promise<boolean> {
  const cookie = typeof browser === 'string' ? browser : browser.cookieHeader
  return (await app.app.inject({ url: '/api/v1/users/me', headers: { cookie } })).statusCode === 200
}

async function setCookieOf(app: TestApp): Promise<string> {
  const { username } = await aUser(app.db)
  const browser = app.browser()
  const login = await browser.get('/login')
  const csrfmiddlewaretoken = login.html.querySelector('[name=csrfmiddlewaretoken]')?.getAttribute('value')
  const answer = await app.app.inject({
    method: 'POST',
    url: '/login',
    headers: { cookie: browser.cookieHeader, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ username, password, csrfmiddlewaretoken: csrfmiddlewaretoken ?? '' }).toString(),
  })
  return [answer.headers['set-cookie'] ?? []].flat().find((line) => line.includes('sessionid=')) ?? ''
}

describe('the session id (S47)', () => {
  test('is new with every login, also of a browser that is logged in', async () => {
    const { user, browser } = await signedIn(pod)
    const first = idOf(browser)
    await browser.post('/login', {
      username: user.username,
      password,
      csrfmiddlewaretoken: browser.cookies.get('csrftoken') ?? '',
    })
    expect(idOf(browser)).not.toBe(first)
    expect(await isSignedIn(browser)).toBe(true)
    expect(await isSignedIn(`sessionid=${first}`)).toBe(false)
  })

  test.each(['made-up', `blx_${'a'.repeat(43)}`, 'x'.repeat(3000), '%00', '%zz'])(
    'is never adopted from the browser: %j',
    async (planted) => {
      const { username } = await aUser(pod.db)
      const browser = pod.browser()
      browser.cookies.set('sessionid', planted)
      expect(await isSignedIn(browser)).toBe(false)
      await browser.logIn(username, password)
      expect(idOf(browser)).toMatch(/^blx_\w{43}$/)
      expect(idOf(browser)).not.toBe(planted)
      expect(await isSignedIn(`sessionid=${planted}`)).toBe(false)
    },
  )

  test("an attacker's own session in the victim's browser does not become the victim's", async () => {
    const attacker = (await signedIn(pod)).browser
    const planted = idOf(attacker)
    const victim = pod.browser()
    for (const [name, value] of attacker.cookies) victim.cookies.set(name, value)
    const { username } = await aUser(pod.db)
    const csrfmiddlewaretoken = victim.cookies.get('csrftoken') ?? ''
    await victim.post('/login', { username, password, csrfmiddlewaretoken })
    expect(await isSignedIn(victim)).toBe(true)
    expect(await isSignedIn(`sessionid=${planted}`)).toBe(false)
  })

  test('is stored as a digest alone (S33)', async () => {
    const { user, browser } = await signedIn(pod)
    const [session, ...others] = await pod.db.session.findMany({ where: { userId: user.id } })
    expect(others).toEqual([])
    expect(Buffer.from(session?.idHash ?? [])).toEqual(Buffer.from(digest(idOf(browser))))
    expect(JSON.stringify(session)).not.toContain(idOf(browser))
  })
})

describe('the cookie (S48)', () => {
  test('over http on loopback: for the server alone, not sent along by other sites, for no domain', async () => {
    expect(await setCookieOf(pod)).toMatch(/^sessionid=blx_\w{43}; Max-Age=5400000; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  test('over https: Secure and __Host- as well', async () => {
    expect(await setCookieOf(securePod)).toMatch(
      /^__Host-sessionid=blx_\w{43}; Max-Age=5400000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('over https a cookie without __Host- is none, as others may have planted it', async () => {
    const id = /=(blx_\w+)/.exec(await setCookieOf(securePod))?.[1]
    expect(await isSignedIn(`__Host-sessionid=${id}`, securePod)).toBe(true)
    expect(await isSignedIn(`sessionid=${id}`, securePod)).toBe(false)
  })
})

describe('the end of a session (S49)', () => {
  test('logging out ends it on the server, and no other', async () => {
    const { user, browser } = await signedIn(pod)
    const elsewhere = pod.browser()
    await elsewhere.logIn(user.username, password)
    const kept = browser.cookieHeader
    const page = await browser.submit(await browser.get('/logout'), '/logout')
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You are logged out') })
    expect(browser.cookies.has('sessionid')).toBe(false)
    expect(await isSignedIn(kept)).toBe(false)
    expect(await isSignedIn(elsewhere)).toBe(true)
  })

  test('GET /logout only asks', async () => {
    const { browser } = await signedIn(pod)
    expect((await browser.get('/logout')).text).toContain('Stay logged in')
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('unused for 14 days it is over', async () => {
    const [unused, used] = [(await signedIn(pod)).browser, (await signedIn(pod)).browser]
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 14 * day - 5000 })
    expect(await isSignedIn(used)).toBe(true)
    vi.setSystemTime(Date.now() + 6000)
    expect([await isSignedIn(used), await isSignedIn(unused)]).toEqual([true, false])
    expect((await unused.get('/device')).url).toMatch(/^\/login/)
  })

  test('used now and then it goes on, but not beyond 62.5 days', async () => {
    const { browser } = await signedIn(pod)
    const start = Date.now()
    vi.useFakeTimers({ toFake: ['Date'] })
    for (const days of [10, 23, 36, 49, 62]) {
      vi.setSystemTime(start + days * day)
      expect(await isSignedIn(browser)).toBe(true)
    }
    vi.setSystemTime(start + 62.5 * day + 1000)
    expect(await isSignedIn(browser)).toBe(false)
  })

  test('a clock that is set back revives nothing (S90)', async () => {
    const { browser } = await signedIn(pod)
    const kept = browser.cookieHeader
    await browser.submit(await browser.get('/logout'), '/logout')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 600_000 })
    expect(await isSignedIn(kept)).toBe(false)
  })
})

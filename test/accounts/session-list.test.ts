import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { browserName } from '../../src/accounts/session-list/browser-name.ts'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { password } from '../support/factories.ts'
import { signedIn } from '../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

async function anotherBrowser(username: string): Promise<Browser> {
  const browser = pod.browser()
  await browser.logIn(username, password)
  return browser
}

const isSignedIn = async (browser: Browser) => (await browser.get('/api/v1/users/me')).status === 200

async function sessionsOf(browser: Browser): Promise<{ id: string; current: boolean }[]> {
  return JSON.parse((await browser.get('/api/v1/users/sessions')).text)
}

test('lists the browsers of the user alone, and says which one asks', async () => {
  const { user, browser } = await signedIn(pod)
  await anotherBrowser(user.username)
  await signedIn(pod)
  const sessions = await sessionsOf(browser)
  expect(sessions.map(({ current }) => current).sort()).toEqual([false, true])
})

test('ends one session, and no session of somebody else (S68)', async () => {
  const { user, browser } = await signedIn(pod)
  const other = await anotherBrowser(user.username)
  const stranger = (await signedIn(pod)).browser
  const [strangers] = await sessionsOf(stranger)
  const mine = (await sessionsOf(browser)).find(({ current }) => !current)
  const headers = { 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' }
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const end = async (id = '') =>
    (await pod.app.inject({ method: 'DELETE', url: `/api/v1/users/sessions/${id}`, headers: { ...headers, cookie } }))
      .statusCode
  expect(await end(strangers?.id)).toBe(404)
  expect(await end(mine?.id)).toBe(204)
  expect([await isSignedIn(other), await isSignedIn(stranger), await isSignedIn(browser)]).toEqual([false, true, true])
})

test('the page ends all other sessions with one button, and goes on itself', async () => {
  const { user, browser } = await signedIn(pod)
  const other = await anotherBrowser(user.username)
  const page = await browser.get('/settings/sessions')
  expect(page.text).toContain('This browser')
  await browser.submit(page, '/settings/sessions', { end: 'others' })
  expect([await isSignedIn(other), await isSignedIn(browser)]).toEqual([false, true])
})

test('the security record tells the user what happened, newest first (S95)', async () => {
  const { user, browser } = await signedIn(pod)
  const guesser = pod.browser()
  await guesser.submit(await guesser.get('/login'), '/login', { username: user.username, password: 'wrong password' })
  const { results } = JSON.parse((await browser.get('/api/v1/users/security-events')).text)
  expect(results.map(({ kind }: { kind: string }) => kind)).toEqual(['login-failed', 'login'])
  expect((await browser.get('/settings/security')).text).toContain('Wrong password')
})

test('nobody reads another user’s record', async () => {
  await signedIn(pod)
  const { browser } = await signedIn(pod)
  const { count } = JSON.parse((await browser.get('/api/v1/users/security-events')).text)
  expect(count).toBe(1)
})

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox · Linux'],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge · Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1', 'Safari · iOS'],
  ['curl/8.5.0', 'curl'],
  ['something', undefined],
  [null, undefined],
])('a browser is named in two words: %s', (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name)
})

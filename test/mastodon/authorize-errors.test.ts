import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { password } from '../support/factories.ts'
import { anApp, appUrl } from '../support/mastodon.ts'
import { type Changes, signedIn } from '../support/oauth-flow.ts'
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
  app = await anApp(pod, { scopes: ['read'] })
  browser = (await signedIn(pod, { username: 'alice' })).browser
})

const errorFor = async (changes: Changes) => {
  const page = await browser.get(appUrl(app, changes))
  expect(page.url.startsWith(callback), page.text).toBe(true)
  expect(page.status).toBe(302)
  return Object.fromEntries(new URL(page.url).searchParams)
}

describe('errors at /oauth/authorize', () => {
  test.each<[string, Changes, string]>([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['a parameter twice', { scope: ['read', 'write'] }, 'invalid_request'],
  ])('%s goes to the app, with state', async (_, changes, error) => {
    expect(await errorFor(changes)).toEqual({
      error,
      error_description: expect.any(String),
      state: 'xyz',
      iss: `${pod.config.publicUrl}/`,
    })
  })

  test.each<[string, Changes]>([
    ['an unknown client', { client_id: 'unknown' }],
    ['no client', { client_id: undefined }],
    ['a redirect URI that is not registered', { redirect_uri: 'https://evil.example/' }],
    ['one that only begins like a registered one', { redirect_uri: `${callback}/more` }],
  ])('%s is a page before any login, never a redirect', async (_, changes) => {
    for (const someone of [pod.browser(), browser]) {
      const url = appUrl(app, changes)
      const page = await someone.get(url)
      expect([page.status, page.url]).toEqual([400, url])
      expect(page.headers['content-type']).toMatch(/^text\/html/)
    }
  })

  test('a bad scope out of band is a page', async () => {
    const page = await browser.get(
      appUrl(await anApp(pod, { redirectUris: [oob], scopes: ['read'] }), { scope: 'write' }),
    )
    expect([page.status, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
  })

  test.each<[string, string]>([
    ['application/json', 'application/json'],
    ['text/html;q=0.1, application/json', 'application/json'],
    ['text/html, application/json;q=0.9', 'text/html'],
    ['application/json;q=0.1, */*', 'text/html'],
    ['application/json, text/plain, */*', 'text/html'],
    ['application/json;q=x', 'text/html'],
    ['', 'text/html'],
    ['*/*', 'text/html'],
    ['image/png', 'text/html'],
    ['text/html, application/json', 'text/html'],
  ])('Accept: %s is answered with %s', async (accept, type) => {
    const { headers, statusCode } = await send(pod, 'GET', '/oauth/authorize?client_id=x', { headers: { accept } })
    expect([statusCode, String(headers['content-type']).split(';')[0]]).toEqual([400, type])
  })

  test('a method that is not offered is 405', async () => {
    expect((await send(pod, 'DELETE', '/oauth/authorize')).statusCode).toBe(405)
  })
})

describe('who has to log in before being told what is wrong', () => {
  const formActions = ({ headers }: { headers: Record<string, unknown> }) =>
    /form-action ([^;]*)/.exec(String(headers['content-security-policy']))?.[1]

  test('is let go to the app by the form, as Chromium counts the redirects behind it', async () => {
    const stranger = pod.browser()
    const login = await stranger.get(appUrl(app, { scope: 'write' }))
    expect(formActions(login)).toBe("'self' https://app.example")
    const failed = await stranger.submit(login, '/login', { username: 'alice', password: 'wrong' })
    expect(formActions(failed)).toBe("'self' https://app.example")
    const { url, status } = await stranger.submit(failed, '/login', { username: 'alice', password })
    expect([status, new URL(url).searchParams.get('error')]).toEqual([302, 'invalid_scope'])
  })

  test('may sign up instead', async () => {
    await pod.services.settings.change({ users__registration_enabled: true })
    const page = await pod.browser().get(`/signup?next=${encodeURIComponent(appUrl(app, { scope: 'write' }))}`)
    expect(formActions(page)).toBe("'self' https://app.example")
  })

  test.each<[string, () => string]>([
    ['nothing is wrong', () => appUrl(app)],
    [
      'the redirect URI is not registered',
      () => appUrl(app, { scope: 'write', redirect_uri: 'https://evil.example/' }),
    ],
    ['the app is unknown', () => appUrl(app, { scope: 'write', client_id: 'unknown' })],
    ['the query is broken', () => `${appUrl(app)}%ff`],
    ['it is another page', () => '/settings?client_id=x'],
  ])('stays with the pod where %s', async (_, next) => {
    expect(formActions(await pod.browser().get(`/login?next=${encodeURIComponent(next())}`))).toBe("'self'")
  })
})

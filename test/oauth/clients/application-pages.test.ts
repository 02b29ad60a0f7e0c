import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser, Page } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, password } from '../../support/factories.ts'
import { signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))
afterEach(() => vi.useRealTimers())

const form = {
  name: 'My script',
  redirect_uris: 'urn:ietf:wg:oauth:2.0:oob',
  scopes: ['read:profile', 'write:playlists'],
}

async function create(browser: Browser, changes: Record<string, string | string[] | undefined> = {}): Promise<Page> {
  const page = await browser.get('/settings/applications/new')
  return browser.submit(page, '/settings/applications/new', { ...form, ...changes })
}

const shown = (page: Page, id: string) => page.html.querySelector(`#${id}`)?.textContent

async function whoIs(token: string | undefined) {
  const answer = await pod.app.inject({ url: '/api/v1/users/me', headers: { authorization: `Bearer ${token}` } })
  return answer.statusCode === 200 ? answer.json().username : answer.statusCode
}

describe('creating an application', () => {
  test('shows secret and access token once, and the token acts for its owner (S30)', async () => {
    const { user, browser } = await signedIn(pod)
    const page = await create(browser)
    expect(page.url).toMatch(/^\/settings\/applications\/\w{40}\/edit$/)
    expect(await whoIs(shown(page, 'access-token'))).toBe(user.username)
    expect(shown(page, 'client-secret')).toMatch(/^bls_\w{43}$/)
    const again = await browser.get(page.url)
    expect([shown(again, 'access-token'), shown(again, 'client-secret')]).toEqual([undefined, undefined])
    expect(shown(again, 'client-id')).toBe(page.url.split('/')[3])
  })

  test('is filled in by name, scopes and redirect_uris of the address', async () => {
    const { browser } = await signedIn(pod)
    const query = 'name=Tempo&scopes=read:radios+write:radios&redirect_uris=https%3A%2F%2Ftempo.example%2Fcb'
    const page = await browser.get(`/settings/applications/new?${query}`)
    const ticked = page.html.querySelectorAll('input[checked]').map((box) => box.getAttribute('value'))
    expect(ticked).toEqual(['read:radios', 'write:radios'])
    expect(page.html.querySelector('[name=name]')?.getAttribute('value')).toBe('Tempo')
    expect(page.html.querySelector('textarea')?.textContent).toBe('https://tempo.example/cb')
  })

  test.each([
    [{ name: '  ' }, 'Please fill this in.'],
    [{ scopes: undefined }, 'Choose at least one thing'],
    [{ redirect_uris: 'javascript:alert(1)' }, 'javascript'],
  ])('%o is refused with everything else still filled in', async (changes, message) => {
    const { browser } = await signedIn(pod)
    const page = await create(browser, changes)
    expect([page.status, page.text]).toEqual([422, expect.stringContaining(message)])
    expect(page.html.querySelectorAll('input[checked]')).toHaveLength('scopes' in changes ? 0 : 2)
    expect(await pod.db.client.count()).toBe(0)
  })
})

describe('an application', () => {
  test('is changed by its owner', async () => {
    const { browser } = await signedIn(pod)
    const page = await create(browser)
    const saved = await browser.submit(page, page.url, { name: 'Better name', scopes: ['read'] })
    expect(saved.text).toContain('Saved.')
    expect(await pod.db.client.findFirst()).toMatchObject({ name: 'Better name', scopes: ['read'] })
  })

  test('gets a new access token, and the old one is dead (S46)', async () => {
    const { user, browser } = await signedIn(pod)
    const page = await create(browser)
    const old = shown(page, 'access-token')
    const renewed = await browser.submit(page, page.url.replace('edit', 'renew'), { what: 'token' })
    expect(await whoIs(old)).toBe(401)
    expect(await whoIs(shown(renewed, 'access-token'))).toBe(user.username)
  })

  test('asks for the password again when it was given more than ten minutes ago', async () => {
    const { browser } = await signedIn(pod)
    const page = await create(browser)
    vi.setSystemTime(Date.now() + 11 * 60_000)
    const renewing = page.url.replace('edit', 'renew')
    const asked = await browser.submit(await browser.get(page.url), renewing, { what: 'token', password: 'wrong' })
    expect([asked.status, asked.text]).toEqual([422, expect.stringContaining('That is not your password.')])
    const renewed = await browser.submit(asked, renewing, { what: 'token', password })
    expect(shown(renewed, 'access-token')).toMatch(/^blp_/)
  })

  test('is deleted after a question that counts who uses it', async () => {
    const { browser } = await signedIn(pod)
    const page = await create(browser)
    const path = page.url.replace('edit', 'delete')
    const question = await browser.get(path)
    expect(question.text).toContain('Nobody uses it now.')
    expect((await browser.submit(question, path)).url).toBe('/settings/applications')
    expect(await pod.db.client.count()).toBe(0)
  })

  test('of somebody else is not there, whatever is tried (S68)', async () => {
    const owner = await signedIn(pod)
    const { client } = await aClient(pod.db, { ownerId: owner.user.id })
    const { browser } = await signedIn(pod)
    const token = { csrfmiddlewaretoken: browser.cookies.get('csrftoken') ?? '' }
    const base = `/settings/applications/${client.clientId}`
    const answers = [
      await browser.get(`${base}/edit`),
      await browser.get(`${base}/delete`),
      await browser.post(`${base}/edit`, { ...form, ...token }),
      await browser.post(`${base}/renew`, { what: 'secret', ...token }),
      await browser.post(`${base}/delete`, token),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
    expect(await pod.db.client.findFirst()).toMatchObject({ name: 'Test app' })
  })
})

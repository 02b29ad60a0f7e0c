import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser, Page } from '../../support/browser.ts'
import { aClient, aUser, password } from '../../support/factories.ts'
import { authorizationUrl, exchange, newPkce, signedIn, useToken } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

const codeIn = ({ url }: Page) => new URL(url).searchParams.get('code') ?? expect.fail(`no code in ${url}`)
const boxes = (page: Page) => page.html.querySelectorAll('[name=scopes]')
const ticked = (page: Page) =>
  boxes(page)
    .filter((box) => box.hasAttribute('checked'))
    .map((box) => box.getAttribute('value') ?? '')
const allow = (browser: Browser, page: Page, fields = {}) =>
  browser.submit(page, '/authorize', { decision: 'allow', ...fields })

describe('who is not logged in', () => {
  test('logs in first and comes back to the same request, also after a wrong password', async () => {
    const { username } = await aUser(pod.db)
    const url = authorizationUrl(await aClient(pod.db), { state: 'a b&c' })
    const browser = pod.browser()
    const login = await browser.get(url)
    expect(login.url).toBe(`/login?next=${encodeURIComponent(url)}`)
    const again = await browser.submit(login, '/login', { username, password: 'wrong' })
    expect(again.status).toBe(422)
    const consent = await browser.submit(again, '/login', { username, password })
    expect(consent).toMatchObject({ status: 200, url })
    expect(new URL((await allow(browser, consent)).url).searchParams.get('state')).toBe('a b&c')
  })

  test('cannot do so with a token: it is no session', async () => {
    const { applicationToken } = await aClient(pod.db, { ownerId: (await aUser(pod.db)).id })
    const url = authorizationUrl(await aClient(pod.db))
    const page = await pod.browser().get(url, { authorization: `Bearer ${applicationToken}` })
    expect(page.url).toMatch(/^\/login\?/)
  })
})

describe('the consent page', () => {
  test('names the user, the app, its website and where the code goes (S13)', async () => {
    const { browser, user } = await signedIn(pod, { name: 'Alice Ä' })
    const client = await aClient(pod.db, { name: 'Tempo <b>', website: 'https://tempo.example/about' })
    const { text, html } = await browser.get(authorizationUrl(client))
    expect(text).toContain('Let Tempo <b> use your account?')
    expect(text).toContain('Alice Ä')
    expect(text).toContain(`@${user.username}`)
    expect(text).toContain('You go to app.example')
    expect(html.querySelector('a[href="https://tempo.example/about"]')?.textContent).toBe('tempo.example')
    expect(html.querySelector('b')).toBeNull()
  })

  test.each([
    ['https://app.example:8443/cb', 'You go to app.example:8443'],
    ['http://127.0.0.1:8080/cb', 'You go to an app on this device (127.0.0.1:8080)'],
    ['com.example.app:/cb', 'An app on this device opens (com.example.app:)'],
    [
      'urn:/audio.funkwhale.funkwhale-android/oauth/callback',
      '(urn:/audio.funkwhale.funkwhale-android/oauth/callback)',
    ],
    ['urn:ietf:wg:oauth:2.0:oob', 'You get a code to type into the app'],
    ['urn:ietf:wg:oauth:2.0:oob:auto', 'You get a code to type into the app'],
  ])('to %s says: %s (S13)', async (redirectUri, words) => {
    const { browser } = await signedIn(pod)
    const { text } = await browser.get(authorizationUrl(await aClient(pod.db, { redirectUris: [redirectUri] })))
    expect(text).toContain(words)
  })

  test('warns of plain http beyond this device (S4)', async () => {
    const { browser } = await signedIn(pod)
    const warns = async (uri: string) =>
      (await browser.get(authorizationUrl(await aClient(pod.db, { redirectUris: [uri] })))).text.includes(
        'not encrypted',
      )
    expect(await warns('http://app.example/cb')).toBe(true)
    expect(await warns('https://app.example/cb')).toBe(false)
    expect(await warns('http://127.0.0.1/cb')).toBe(false)
  })

  test.each([
    ['https://app.example/cb?x=1', 'https://app.example'],
    ['https://app.example:8443/cb', 'https://app.example:8443'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1:8080'],
    ['com.example.app:/cb', 'com.example.app:'],
    ['urn:/audio.funkwhale.funkwhale-android/oauth/callback', 'urn:'],
    ['urn:ietf:wg:oauth:2.0:oob', undefined],
  ])('to %s lets its forms lead there and nowhere else (S70)', async (redirectUri, source) => {
    const { browser } = await signedIn(pod)
    const url = authorizationUrl(await aClient(pod.db, { redirectUris: [redirectUri] }))
    const sources = ["'self'", ...(source === undefined ? [] : [source])].join(' ')
    const page = await browser.get(url)
    expect(policyOf(page)['form-action']).toBe(sources)
    expect(policyOf(await allow(browser, page, { scopes: undefined }))['form-action']).toBe(sources)
  })

  test('cannot be framed, nor can what comes before and after it (S15)', async () => {
    const { browser } = await signedIn(pod)
    const client = await aClient(pod.db, { redirectUris: ['urn:ietf:wg:oauth:2.0:oob'] })
    const consent = await browser.get(authorizationUrl(client))
    const code = await allow(browser, consent)
    const over = await allow(browser, consent)
    const error = await browser.get('/authorize')
    const login = await pod.browser().get(authorizationUrl(client))
    for (const page of [consent, code, over, error, login]) {
      expect(policyOf(page)['frame-ancestors']).toBe("'none'")
      expect(page.headers['x-frame-options']).toBe('DENY')
      expect(page.headers['cache-control']).toBe('private, no-store')
    }
  })
})

describe('permissions', () => {
  test('what is unticked is not granted, and scope says so', async () => {
    const { browser } = await signedIn(pod)
    const client = await aClient(pod.db)
    const page = await browser.get(authorizationUrl(client))
    const kept = ticked(page).filter((leaf) => leaf !== 'read:profile' && leaf !== 'read:radios')
    expect(kept.length).toBe(ticked(page).length - 2)
    const tokens = (await exchange(pod, client, codeIn(await allow(browser, page, { scopes: kept })))).json()
    expect(tokens.scope.split(' ').sort()).toEqual(kept.sort())
    const refused = await useToken(pod, tokens.access_token)
    expect([refused.statusCode, refused.json().scope]).toEqual([403, 'read:profile'])
  })

  test('with all ticked, scope is what was asked for', async () => {
    const { browser } = await signedIn(pod)
    const client = await aClient(pod.db)
    const page = await browser.get(authorizationUrl(client, { scope: 'write:radios read' }))
    const tokens = (await exchange(pod, client, codeIn(await allow(browser, page)))).json()
    expect(tokens.scope).toBe('write:radios read')
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
  })

  test('with all unticked the form comes back that way, and can still be answered', async () => {
    const { browser } = await signedIn(pod)
    const { challenge, verifier } = newPkce()
    const client = await aClient(pod.db)
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    const page = await browser.get(authorizationUrl(client, pkce))
    const again = await allow(browser, page, { scopes: undefined })
    expect(again.status).toBe(400)
    expect(again.text).toContain('Choose at least one thing to allow')
    expect(boxes(again)).toHaveLength(boxes(page).length)
    expect(ticked(again)).toEqual([])
    const code = codeIn(await allow(browser, again, { scopes: ['read:radios'] }))
    expect((await exchange(pod, client, code, { code_verifier: verifier })).json().scope).toBe('read:radios')
  })

  test('who denies need not tick anything', async () => {
    const { browser } = await signedIn(pod)
    const page = await browser.get(authorizationUrl(await aClient(pod.db)))
    const { url } = await browser.submit(page, '/authorize', { decision: 'deny', scopes: undefined })
    expect(new URL(url).searchParams.get('error')).toBe('access_denied')
  })
})

test('"Not you?" leads by way of the login to the same request, as somebody else', async () => {
  const { browser, user } = await signedIn(pod)
  const other = await aUser(pod.db)
  const client = await aClient(pod.db)
  const { challenge, verifier } = newPkce()
  const asked = { code_challenge: challenge, code_challenge_method: 'S256', state: 's', scope: 'read write' }
  const page = await browser.get(authorizationUrl(client, asked))
  expect(page.text).toContain(user.username)
  const login = await browser.submit(page, '/logout')
  const consent = await browser.submit(login, '/login', { username: other.username, password })
  expect(consent.text).toContain(other.username)
  expect(consent.text).not.toContain(user.username)
  expect(ticked(consent)).toEqual(ticked(page))
  const answer = await allow(browser, consent)
  const tokens = (await exchange(pod, client, codeIn(answer), { code_verifier: verifier })).json()
  expect(new URL(answer.url).searchParams.get('state')).toBe('s')
  expect((await useToken(pod, tokens.access_token)).json()).toMatchObject({ username: other.username })
})

function policyOf({ headers }: Page): Record<string, string> {
  const directives = String(headers['content-security-policy']).split('; ')
  return Object.fromEntries(directives.map((directive) => directive.split(/ (.*)/).slice(0, 2)))
}

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient } from '../support/factories.ts'
import { allowedCode, anApp, appUrl, exchangeAsApp } from '../support/mastodon.ts'
import { type Changes, newPkce, signedIn } from '../support/oauth-flow.ts'

let pod: TestApp
let browser: Browser
let app: Awaited<ReturnType<typeof anApp>>
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  app = await anApp(pod)
  browser = (await signedIn(pod)).browser
})

const scopeFor = async (of: typeof app, changes: Changes) => {
  const answer = await exchangeAsApp(pod, of, await allowedCode(browser, of, changes))
  return answer.json().scope as string
}

describe('scopes at /oauth/authorize', () => {
  test.each(['read+write', 'read%20write', 'read%2Bwrite', 'read,write', 'read%2Cwrite', 'read%09write'])(
    '%s is two',
    async (text) => {
      const code = new URL(await allowing(`${appUrl(app, { scope: undefined })}&scope=${text}`)).searchParams.get(
        'code',
      )
      expect((await exchangeAsApp(pod, app, code ?? '')).json().scope).toBe('read write')
    },
  )

  const allowing = async (url: string) =>
    (await browser.submit(await browser.get(url), '/oauth/authorize', { decision: 'allow' })).url

  test.each<[string, string[], string | undefined, string]>([
    ['none asked, read registered', ['write', 'read'], undefined, 'read'],
    ['none asked, read not registered', ['write', 'follow'], undefined, 'write follow'],
    ['an empty one asked', ['write', 'read'], '', 'read'],
    [
      'the app’s own words and order, once each',
      ['read', 'write', 'follow'],
      'write follow read write',
      'write follow read',
    ],
    [
      'a child of a registered parent',
      ['read', 'write'],
      'write:statuses read:accounts',
      'write:statuses read:accounts',
    ],
    ['a name of Funkwhale under a parent', ['read'], 'read:libraries', 'read:libraries'],
    ['the British spelling', ['read:favorites'], 'read:favourites', 'read:favourites'],
    ['a name that gives nothing, registered', ['read', 'push', 'crypto'], 'read push crypto', 'read push crypto'],
    ['a name that gives nothing, under a parent', ['read'], 'read read:bookmarks', 'read read:bookmarks'],
    ['admin is accepted, and not given', ['read', 'admin:read', 'admin:write'], 'read admin:read admin:write', 'read'],
    ['admin below a registered parent', ['read', 'admin'], 'read admin:write:reports', 'read'],
    ['managing apps, by name', ['read', 'write:applications'], 'write:applications', 'write:applications'],
    ['only who one is', ['profile', 'read'], 'profile', 'profile'],
    ['only who one is, under what shows more', ['read:accounts'], 'profile', 'profile'],
  ])('%s', async (_, scopes, scope, granted) => {
    expect(await scopeFor(await anApp(pod, { scopes }), { scope })).toBe(granted)
  })

  test.each<[string, string[], string]>([
    ['what was not registered', ['read'], 'read write'],
    ['a parent of what was registered', ['write:statuses'], 'write'],
    ['a neighbour of what was registered', ['write:statuses'], 'write:media'],
    ['a name that gives nothing, not registered', ['read'], 'read push'],
    ['managing apps, which read and write do not cover', ['read', 'write'], 'read:applications'],
    ['a name that nobody knows', ['read'], 'read openid'],
    ['admin alone, as nothing is left', ['read', 'admin:read'], 'admin:read'],
    ['admin, not registered', ['read'], 'read admin:read'],
  ])('refuses %s: invalid_scope', async (_, scopes, scope) => {
    const { url } = await browser.get(appUrl(await anApp(pod, { scopes }), { scope }))
    expect(new URL(url).searchParams.get('error')).toBe('invalid_scope')
  })

  test('are worded alike in both vocabularies, and not at all where they give nothing', async () => {
    const wordsFor = async (scopes: string[]) => {
      const page = await browser.get(appUrl(await anApp(pod, { scopes }), { scope: scopes.join(' ') }))
      return page.html.querySelectorAll('.choice').map(({ text }) => text)
    }
    const mastodon = [
      'read:favourites',
      'write:media',
      'follow',
      'read:lists',
      'write:statuses',
      'push',
      'read:bookmarks',
      'admin:read',
    ]
    const funkwhale = [
      'read:favorites',
      'write:libraries',
      'read:follows',
      'write:follows',
      'read:filters',
      'write:filters',
    ]
    const words = await wordsFor(mastodon)
    expect(words).toEqual(await wordsFor([...funkwhale, 'read:playlists', 'write:listenings']))
    expect(words).toHaveLength(8)
  })
})

describe('PKCE at /oauth/authorize', () => {
  const { verifier, challenge } = newPkce()

  test.each(['S256', undefined])('a challenge with method %s wants its verifier', async (code_challenge_method) => {
    const changes = { code_challenge: challenge, code_challenge_method }
    const exchange = async (fields: object) =>
      (await exchangeAsApp(pod, app, await allowedCode(browser, app, changes), { ...fields })).statusCode
    expect(await exchange({})).toBe(400)
    expect(await exchange({ code_verifier: newPkce().verifier })).toBe(400)
    expect(await exchange({ code_verifier: verifier })).toBe(200)
  })

  test('a challenge without method counts as S256 for apps of Funkwhale as well', async () => {
    const client = await aClient(pod.db)
    const code = await allowedCode(browser, client, { code_challenge: challenge })
    expect((await exchangeAsApp(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
  })

  test.each<[string, Changes]>([
    ['plain', { code_challenge: challenge, code_challenge_method: 'plain' }],
    ['a short challenge', { code_challenge: 'short', code_challenge_method: 'S256' }],
  ])('%s is invalid_request', async (_, changes) => {
    const { searchParams } = new URL((await browser.get(appUrl(app, changes))).url)
    expect([searchParams.get('error'), searchParams.get('state')]).toEqual(['invalid_request', 'xyz'])
  })
})

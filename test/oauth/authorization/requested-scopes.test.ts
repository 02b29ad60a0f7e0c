import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientLeaves } from '../../../src/access/scope-catalogue.ts'
import type { NewClient } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { aClient } from '../../support/factories.ts'
import { authorizationUrl, authorize, exchange, signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

const leavesOf = (verb: string) => clientLeaves.filter((leaf) => leaf.startsWith(`${verb}:`) && !leaf.includes('appl'))

/** What the token holds when a client with these scopes asks for those and the user allows all; an error otherwise. */
async function grantedTo(given: Partial<NewClient>, scope: string | undefined): Promise<string> {
  const { browser } = await signedIn(pod)
  const client = await aClient(pod.db, given)
  const answer = (await authorize(browser, client, { scope }).catch(() => undefined))?.searchParams
  if (answer === undefined) {
    const { url } = await browser.get(authorizationUrl(client, { scope }))
    return new URL(url).searchParams.get('error') ?? ''
  }
  return (await exchange(pod, client, answer.get('code') ?? '')).json().scope
}

describe('scopes of an app that came by the Funkwhale API', () => {
  test.each<[string, string[], string | undefined, string]>([
    ['a registered name is granted as it is written', ['read'], 'read', 'read'],
    ['the order stays, as clients compare the text', ['read', 'write'], 'write read', 'write read'],
    ['a parent covers its children', ['read'], 'read:radios read:edits', 'read:radios read:edits'],
    ['what was not registered falls away', ['read'], 'read write', 'read'],
    ['of a parent only the registered part is left', ['read:radios', 'write'], 'read', 'read:radios'],
    ['a name given twice counts once', ['read'], 'read read', 'read'],
    ['"+" separates as well (%2B)', ['read', 'write'], 'read+write', 'read write'],
    ['"," separates as well', ['read', 'write'], 'read,write', 'read write'],
    ['asked for nothing, it gets read', ['read', 'write'], undefined, 'read'],
    ['asked for nothing without having read, it gets what it has', ['write:radios'], undefined, 'write:radios'],
    ['asked for blanks, it gets nothing', ['read'], ' ', 'invalid_scope'],
    ['a name that gives nothing falls away as well', ['read:radios'], 'read write:security push', 'read:radios'],
    ['all of a parent that can be had is the parent', leavesOf('read'), 'read', 'read'],
    ['nothing is left: invalid_scope', ['read'], 'write', 'invalid_scope'],
    ['only names that give nothing: invalid_scope', ['read:radios'], 'write:security', 'invalid_scope'],
    ['an unknown name: invalid_scope', ['read'], 'read unheard:of', 'invalid_scope'],
    ['a known name in capitals: invalid_scope', ['read'], 'READ', 'invalid_scope'],
    ['a name registered but unknown: invalid_scope', ['openid'], 'openid', 'invalid_scope'],
    ['__proto__: invalid_scope (S64)', ['read'], 'read __proto__', 'invalid_scope'],
  ])('%s', async (_name, registered, asked, granted) => {
    expect(await grantedTo({ scopes: registered, origin: 'funkwhale' }, asked)).toBe(granted)
  })
})

describe('scopes of an app that came by the Mastodon API', () => {
  test.each<[string, string[], string | undefined, string]>([
    ['a registered parent covers its children', ['read', 'write'], 'read write:media', 'read write:media'],
    ['names that give nothing here stay in the answer', ['read', 'push'], 'read push', 'read push'],
    ['it may not ask for what it did not register', ['read'], 'read write', 'invalid_scope'],
    ['it may not ask for more than the part it registered', ['read:accounts'], 'read', 'invalid_scope'],
  ])('%s', async (_name, registered, asked, granted) => {
    expect(await grantedTo({ scopes: registered, origin: 'mastodon' }, asked)).toBe(granted)
  })
})

test('scopes that no app ever gets are not offered, and a token with their names holds nothing (S44)', async () => {
  const { browser } = await signedIn(pod, { isSuperuser: true })
  const client = await aClient(pod.db, { scopes: ['read', 'write'] })
  const scope = 'write:security write:instance:users'
  const page = await browser.get(authorizationUrl(client, { scope }))
  expect(page.text).toContain('and nothing else')
  expect(page.html.querySelectorAll('[name=scopes]')).toEqual([])
  const code = (await authorize(browser, client, { scope })).searchParams.get('code') ?? ''
  const { access_token } = (await exchange(pod, client, code)).json()
  const request = { url: '/api/v1/oauth/apps', headers: { authorization: `Bearer ${access_token}` } }
  expect((await pod.app.inject(request)).statusCode).toBe(403)
})

test('the page offers every permission that is asked for and can be had, and no other', async () => {
  const { browser } = await signedIn(pod)
  const client = await aClient(pod.db, { scopes: ['read', 'write'] })
  const offered = async (scope: string) =>
    (await browser.get(authorizationUrl(client, { scope }))).html
      .querySelectorAll('[name=scopes]')
      .map((box) => box.getAttribute('value'))
      .sort()
  expect(await offered('read')).toEqual(leavesOf('read').sort())
  expect(await offered('read write')).toEqual([...leavesOf('read'), ...leavesOf('write')].sort())
  expect(await offered('follow write:media')).toEqual(
    ['read:filters', 'read:follows', 'write:filters', 'write:follows', 'write:libraries'].sort(),
  )
})

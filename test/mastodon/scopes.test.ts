import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { postAs, someTokens } from '../support/oauth-flow.ts'
import { bearer } from '../support/requests.ts'

let pod: TestApp
let user: User
beforeAll(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
  // Nobody may do more, so that only the token decides.
  user = await aUser(pod.db, { isSuperuser: true })
})
afterAll(() => pod.close())

type Endpoint = readonly [method: 'GET' | 'POST' | 'DELETE', path: string, opensTo: readonly string[]]

const identity = ['profile', 'read', 'read:accounts', 'read:profile']

/** Every endpoint that asks for a scope, with all the names that open it. */
const endpoints: readonly Endpoint[] = [
  ['GET', '/api/v1/accounts/verify_credentials', identity],
  ['GET', '/oauth/userinfo', identity],
  ['POST', '/oauth/userinfo', identity],
  ['GET', '/api/v1/notifications', ['read', 'read:notifications']],
  ['GET', '/api/v1/notifications/1', ['read', 'read:notifications']],
  ['POST', '/api/v1/notifications/clear', ['write', 'write:notifications']],
  ['GET', '/api/v1/apps', ['read:applications']],
  ['GET', '/api/v1/apps/0', ['read:applications']],
  ['DELETE', '/api/v1/apps/0', ['write:applications']],
  // No OAuth client gets these.
  ['GET', '/api/v1/tokens', []],
  ['GET', '/api/v1/tokens/0', []],
  ['POST', '/api/v1/tokens/0/invalidate', []],
]

const both = (...topics: string[]) => topics.flatMap((topic) => [`read:${topic}`, `write:${topic}`])
const adminTopics = ['accounts', 'reports', 'domain_allows', 'domain_blocks', 'ip_blocks', 'email_domain_blocks']

const funkwhaleNames = [
  ...both('profile', 'libraries', 'favorites', 'listenings', 'follows', 'playlists', 'radios', 'filters'),
  ...both('notifications', 'edits', 'reports', 'security', 'plugins', 'instance:settings', 'instance:users'),
  ...both('instance:invitations', 'instance:edits', 'instance:libraries', 'instance:policies', 'instance:accounts'),
  ...both('instance:domains', 'instance:reports', 'instance:requests', 'instance:notes'),
]

const mastodonNames = [
  ...['profile', 'read', 'write', 'follow', 'push', 'crypto', 'admin', 'admin:read', 'admin:write'],
  ...both('accounts', 'blocks', 'bookmarks', 'collections', 'favourites', 'lists', 'mutes', 'statuses'),
  ...both('applications'),
  ...['read:search', 'read:custom_emojis', 'write:conversations', 'write:media'],
  ...both(...adminTopics, 'canonical_email_blocks').map((name) => `admin:${name}`),
]

async function ask([method, url]: Endpoint, token: string) {
  const { statusCode } = await pod.app.inject({ method, url, headers: bearer(token) })
  return statusCode
}

describe('a token with only this scope opens these endpoints, and no others', () => {
  test.each([...funkwhaleNames, ...mastodonNames])('%s', async (name) => {
    const registered = await aClient(pod.db, { scopes: [name] })
    const { access_token } = await someTokens(pod, registered, { user, scopes: [name] })
    for (const endpoint of endpoints) {
      const [method, path, opensTo] = endpoint
      const expected = opensTo.includes(name) ? (/\/[01]$/.test(path) ? 404 : 200) : 403
      expect([method, path, await ask(endpoint, access_token)]).toEqual([method, path, expected])
    }
    const anyToken = { url: '/api/v1/apps/verify_credentials', headers: bearer(access_token) }
    expect((await pod.app.inject(anyToken)).statusCode).toBe(200)
  })

  test('a token holds no more than what its client registered', async () => {
    const registered = await aClient(pod.db, { scopes: ['read:statuses'] })
    const { access_token } = await someTokens(pod, registered, { user, scopes: ['read', 'write'] })
    for (const endpoint of endpoints)
      expect([endpoint[1], await ask(endpoint, access_token)]).toEqual([endpoint[1], 403])
  })
})

describe('the token of an app that speaks for itself opens nothing that is of a user', () => {
  test.each(endpoints)('%s %s', async (...endpoint) => {
    const scopes = ['read', 'write', 'profile', 'read:applications', 'write:applications']
    const registered = await aClient(pod.db, { scopes })
    const asked = { grant_type: 'client_credentials', scope: scopes.join(' ') }
    const { access_token } = (await postAs(pod, registered, 'token', asked)).json()
    // OAuth has no word for 422.
    expect(await ask(endpoint, access_token)).toBe(endpoint[1].startsWith('/oauth/') ? 403 : 422)
  })
})

test.each(endpoints)('nobody opens %s %s without a token', async (method, url) => {
  expect((await pod.app.inject({ method, url })).statusCode).toBe(401)
})

test.each(['/api/v1/instance', '/api/v2/instance'])('everybody opens GET %s', async (url) => {
  expect((await pod.app.inject({ url })).statusCode).toBe(200)
  expect((await pod.app.inject({ url, headers: bearer('nonsense') })).statusCode).toBe(200)
})

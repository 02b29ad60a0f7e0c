import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { signedIn, someTokens } from '../support/oauth-flow.ts'
import { asScript, bearer, type Headers, json, send } from '../support/requests.ts'

const oob = 'urn:ietf:wg:oauth:2.0:oob'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const registered = async (fields: object, headers: Headers = {}) => {
  const answer = await send(pod, 'POST', '/api/v1/apps', {
    body: json({ client_name: 'Elephant', ...fields }),
    headers,
  })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

describe('who registers an app', () => {
  const ownerOf = async (headers: Headers) => {
    const { client_id } = await registered({}, headers)
    const found = await pod.db.client.findUniqueOrThrow({ where: { clientId: client_id } })
    expect(found.applicationTokenHash).toBeNull()
    return found.ownerId
  }
  const tokenWith = async (...scopes: string[]) => {
    const user = await aUser(pod.db)
    const client = await aClient(pod.db, { scopes: ['read', 'write', 'write:applications'] })
    return { user, token: (await someTokens(pod, client, { user, scopes })).access_token }
  }

  test('owns it with a token that has write:applications', async () => {
    const { user, token } = await tokenWith('write:applications')
    expect(await ownerOf(bearer(token))).toBe(user.id)
  })

  test('does not own it with any other token: read and write do not cover write:applications', async () => {
    const { token } = await tokenWith('read', 'write')
    expect(await ownerOf(bearer(token))).toBeNull()
  })

  test.each(['', 'undefined', 'bla_nothing', `bla_${'x'.repeat(43)}`])(
    'a token that is worth nothing counts as none: %j',
    async (token) => {
      expect(await ownerOf({ authorization: `Bearer ${token}` })).toBeNull()
    },
  )

  test('owns it when signed in, from a page of the pod', async () => {
    const { user, browser } = await signedIn(pod)
    expect(await ownerOf({ ...asScript(browser), origin: pod.config.publicUrl })).toBe(user.id)
  })
})

describe('GET /api/v1/apps/verify_credentials', () => {
  const verify = (headers: Headers = {}) => send(pod, 'GET', '/api/v1/apps/verify_credentials', { headers })

  test('shows the app of a user’s token, whatever its scope, and nothing secret', async () => {
    const client = await aClient(pod.db, { origin: 'mastodon', scopes: ['write'] })
    const { access_token } = await someTokens(pod, client, { scopes: ['write'] })
    const answer = await verify(bearer(access_token))
    expect(answer.json()).toEqual({
      id: String(client.client.id),
      name: 'Test app',
      website: null,
      scopes: ['write'],
      redirect_uris: ['https://app.example/callback'],
      redirect_uri: 'https://app.example/callback',
      created_at: client.client.createdAt.toISOString(),
    })
  })

  test('shows the app of its own token', async () => {
    const { client_id, client_secret } = await registered({})
    const body = json({ grant_type: 'client_credentials', client_id, client_secret })
    const { access_token } = (await send(pod, 'POST', '/oauth/token', { body })).json()
    expect((await verify(bearer(access_token))).json()).toMatchObject({ name: 'Elephant', redirect_uris: [oob] })
  })

  test('is 401 without a token, with one that is unknown, and for a browser', async () => {
    const { browser } = await signedIn(pod)
    for (const headers of [{}, bearer('unknown'), bearer(`bla_${'x'.repeat(43)}`), asScript(browser)]) {
      const answer = await verify(headers)
      expect([answer.statusCode, answer.json()]).toEqual([401, { error: expect.stringMatching(/.+/) }])
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=".+",\s*error="invalid_token"/)
    }
  })
})

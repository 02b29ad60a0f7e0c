import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { narrowGrant } from '../../../src/oauth/grants/grants.ts'
import { exchangeCode } from '../../../src/oauth/tokens/exchange-code.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { aCode, exchange, postAs, refresh, signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'
import { asScript, bearer, type Headers, send } from '../../support/requests.ts'

let pod: TestApp
let user: User
let browser: Browser
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
afterEach(() => vi.useRealTimers())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  ;({ user, browser } = await signedIn(pod))
})

function call(method: 'GET' | 'DELETE', clientId = '', headers: Headers = asScript(browser)) {
  return send(pod, method, `/api/v1/oauth/grants/${clientId}`, { headers })
}

const listed = async () => (await call('GET')).json().map((grant: { client_id: string }) => grant.client_id)

describe('GET /api/v1/oauth/grants', () => {
  test('lists what the user has allowed, newest client first, without secrets (S30)', async () => {
    const older = await aClient(pod.db, { name: 'Older', scopes: ['read', 'write'] })
    const newer = await aClient(pod.db, { name: 'Newer', ownerId: user.id })
    await someTokens(pod, newer, { user })
    await someTokens(pod, older, { user, scopes: ['read:profile', 'write:playlists'] })
    await someTokens(pod, await aClient(pod.db))
    const answer = await call('GET')
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(answer.json()).toEqual(
      [
        { client: newer.client, granted_scopes: 'read' },
        { client: older.client, granted_scopes: 'read:profile write:playlists' },
      ].map(({ client, granted_scopes }) => ({
        client_id: client.clientId,
        name: client.name,
        scopes: 'read write',
        created: client.createdAt.toISOString(),
        updated: client.updatedAt.toISOString(),
        granted_scopes,
        granted_at: expect.stringMatching(/Z$/),
        last_used_at: null,
      })),
    )
    expect((await call('GET', newer.client.clientId)).json()).toEqual(answer.json()[0])
  })

  test('allowing more adds to what was allowed', async () => {
    const client = await aClient(pod.db)
    await someTokens(pod, client, { user, scopes: ['write:playlists'] })
    await someTokens(pod, client, { user, scopes: ['read:profile', 'write:playlists'] })
    const [grant, ...more] = (await call('GET')).json()
    expect([grant.granted_scopes.split(' ').sort(), more]).toEqual([['read:profile', 'write:playlists'], []])
  })

  test('a client is listed while it has tokens, even expired ones, or a code it can use', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const withCode = await aClient(pod.db)
    await aCode(pod, withCode, { user, lifetimeSeconds: 60 })
    const gaveUp = await aClient(pod.db)
    const tokens = await someTokens(pod, gaveUp, { user })
    const expired = await aClient(pod.db)
    await someTokens(pod, expired, { user })
    expect(await listed()).toEqual([expired, gaveUp, withCode].map(({ client }) => client.clientId))
    await postAs(pod, gaveUp, 'revoke', { token: tokens.refresh_token })
    vi.setSystemTime(Date.now() + 11 * 3600 * 1000)
    expect(await listed()).toEqual([expired.client.clientId])
    expect((await call('GET', withCode.client.clientId)).statusCode).toBe(404)
  })

  test('a client that was never allowed anything is 404', async () => {
    const { client } = await aClient(pod.db)
    const answer = await call('GET', client.clientId)
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
  })
})

describe('DELETE /api/v1/oauth/grants/{client_id}', () => {
  test('ends the tokens and unused codes of that user and client at once (S45)', async () => {
    const client = await aClient(pod.db)
    const tokens = await someTokens(pod, client, { user })
    const again = await someTokens(pod, client, { user, scopes: ['write'] })
    const code = await aCode(pod, client, { user })
    const answer = await call('DELETE', client.client.clientId)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    for (const { access_token, refresh_token } of [tokens, again]) {
      expect((await useToken(pod, access_token)).statusCode).toBe(401)
      expect((await refresh(pod, client, refresh_token)).json().error).toBe('invalid_grant')
    }
    expect((await exchange(pod, client, code)).json().error).toBe('invalid_grant')
    expect(await listed()).toEqual([])
    expect((await call('DELETE', client.client.clientId)).statusCode).toBe(404)
  })

  test('leaves what other users allowed, other clients, and the client itself (S45)', async () => {
    const client = await aClient(pod.db)
    const other = await aClient(pod.db)
    await someTokens(pod, client, { user })
    const theirs = await someTokens(pod, client, { user: await aUser(pod.db) })
    const elsewhere = await someTokens(pod, other, { user })
    await call('DELETE', `${client.client.clientId}/`)
    for (const { access_token } of [theirs, elsewhere]) expect((await useToken(pod, access_token)).statusCode).toBe(200)
    expect((await refresh(pod, client, theirs.refresh_token)).statusCode).toBe(200)
    expect((await refresh(pod, other, elsewhere.refresh_token)).statusCode).toBe(200)
    expect((await someTokens(pod, client, { user })).scope).toBe('read')
  })

  test('of a client that only somebody else allowed is 404 and ends nothing (S68)', async () => {
    const client = await aClient(pod.db)
    const theirs = await someTokens(pod, client)
    expect((await call('DELETE', client.client.clientId)).statusCode).toBe(404)
    expect((await useToken(pod, theirs.access_token)).statusCode).toBe(200)
  })
})

describe('who may see and take back grants', () => {
  test('nobody without credentials, and no access token, whatever its scopes (S44)', async () => {
    const client = await aClient(pod.db, { scopes: ['read', 'write', 'read:security', 'write:security'] })
    const scopes = ['read', 'write', 'read:security', 'write:security']
    const { access_token } = await someTokens(pod, client, { user, scopes })
    for (const method of ['GET', 'DELETE'] as const) {
      const scope = method === 'GET' ? 'read:security' : 'write:security'
      expect((await call(method, client.client.clientId, {})).statusCode).toBe(401)
      const answer = await call(method, client.client.clientId, bearer(access_token))
      expect([answer.statusCode, answer.json().scope]).toEqual([403, scope])
    }
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
  })

  test('an application token that names the scope', async () => {
    const client = await aClient(pod.db, { ownerId: user.id, scopes: ['read:security', 'write:security'] })
    await someTokens(pod, await aClient(pod.db), { user })
    const [grant] = (await call('GET', '', bearer(client.applicationToken))).json()
    expect((await call('DELETE', grant.client_id, bearer(client.applicationToken))).statusCode).toBe(204)
  })

  test('DELETE by a session needs its CSRF token (S60)', async () => {
    const client = await aClient(pod.db)
    await someTokens(pod, client, { user })
    const { cookie } = asScript(browser)
    expect((await call('DELETE', client.client.clientId, { cookie })).statusCode).toBe(403)
    expect(await listed()).toHaveLength(1)
  })
})

describe('narrowing a grant', () => {
  test('takes permissions from live tokens and from what a refresh gives, and voids unused codes', async () => {
    const client = await aClient(pod.db)
    const tokens = await someTokens(pod, client, { user, scopes: ['read', 'write:playlists'] })
    const code = await aCode(pod, client, { user, scopes: ['read'] })
    const narrowed = await narrowGrant(pod.db, { userId: user.id, clientId: client.client.clientId }, [
      'read:libraries',
    ])
    expect(narrowed.scopes).toEqual(['read:libraries'])
    const refused = await useToken(pod, tokens.access_token)
    expect([refused.statusCode, refused.json().scope]).toEqual([403, 'read:profile'])
    const refreshed = await refresh(pod, client, tokens.refresh_token)
    expect([refreshed.statusCode, refreshed.json().scope]).toEqual([200, 'read:libraries'])
    const widened = await refresh(pod, client, refreshed.json().refresh_token, { scope: 'read' })
    expect(widened.json().error).toBe('invalid_scope')
    expect((await exchange(pod, client, code)).json().error).toBe('invalid_grant')
  })

  test('reaches the tokens of a code that is traded at the same time', async () => {
    const client = await aClient(pod.db)
    await someTokens(pod, client, { user })
    const code = await aCode(pod, client, { user })
    const presented = { client: client.client, code, redirectUri: undefined, codeVerifier: undefined }
    const { traded, narrowing } = await pod.db.$transaction(async (transaction) => {
      const { tokens } = await exchangeCode(transaction, presented, pod.config)
      const kept = narrowGrant(pod.db, { userId: user.id, clientId: client.client.clientId }, ['read:libraries'])
      await setTimeout(100)
      // In a list, as the transaction would wait for a promise.
      return { traded: tokens, narrowing: [kept] }
    })
    await Promise.all(narrowing)
    expect((await useToken(pod, traded.accessToken)).statusCode).toBe(403)
  })

  test("leaves other users' grants as they are", async () => {
    const client = await aClient(pod.db)
    await someTokens(pod, client, { user })
    const theirs = await someTokens(pod, client)
    await narrowGrant(pod.db, { userId: user.id, clientId: client.client.clientId }, [])
    expect((await useToken(pod, theirs.access_token)).statusCode).toBe(200)
  })
})

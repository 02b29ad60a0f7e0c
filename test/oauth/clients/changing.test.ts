import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { aCode, exchange, refresh, signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'
import { asScript, bearer, bodies, json, send } from '../../support/requests.ts'

let pod: TestApp
let owner: { user: User; browser: Browser }
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  owner = await signedIn(pod)
})

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

const apps = '/api/v1/oauth/apps/'
const mine = (given: object = {}) => aClient(pod.db, { ownerId: owner.user.id, ...given })

/** As the owner's browser, unless other headers are given. */
function call(method: Method, url: string, fields?: object, headers: Record<string, string> = asScript(owner.browser)) {
  return send(pod, method, url, { body: fields && json(fields), headers })
}

describe.each(['PATCH', 'PUT'] as const)('%s /api/v1/oauth/apps/{client_id}', (method) => {
  for (const [kind, bodyOf] of Object.entries(bodies)) {
    test(`changes name, redirect URIs and scopes by a ${kind} body`, async () => {
      const { client } = await mine()
      const fields = { name: 'New', redirect_uris: 'app://new', scopes: 'write:playlists' }
      const headers = asScript(owner.browser)
      const answer = await send(pod, method, apps + client.clientId, { body: bodyOf(fields), headers })
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toEqual({
        ...{ client_id: client.clientId, ...fields, token: null },
        ...{ created: client.createdAt.toISOString(), updated: expect.any(String) },
      })
      expect(answer.json().updated > answer.json().created).toBe(true)
      const after = await call('GET', apps + client.clientId)
      expect(after.json()).toEqual(answer.json())
    })
  }

  test('what was left out stays, except that PUT needs a name and puts scopes back to read', async () => {
    const { client } = await mine()
    const answer = await call(method, apps + client.clientId, { name: 'New' })
    const scopes = method === 'PUT' ? 'read' : 'read write'
    expect(answer.json()).toMatchObject({ name: 'New', redirect_uris: 'https://app.example/callback', scopes })
    const empty = await call(method, apps + client.clientId, {})
    expect(empty.statusCode).toBe(method === 'PUT' ? 400 : 200)
    if (method === 'PUT') expect(empty.json()).toEqual({ name: ['This field is required.'] })
  })

  test.each([
    [{ name: '' }, { name: ['This field may not be blank.'] }],
    [{ name: 'x', scopes: '' }, { scopes: ['This field may not be blank.'] }],
    [{ name: 'x', redirect_uris: { not: '' } }, { redirect_uris: ['Not a valid string.'] }],
  ])('refuses %j', async (fields, messages) => {
    const { client } = await mine()
    const answer = await call(method, apps + client.clientId, fields)
    expect([answer.statusCode, answer.json()]).toEqual([400, messages])
  })

  test('ignores what is not for clients to set (S65)', async () => {
    const { client, secret } = await mine()
    const other = await signedIn(pod)
    const wishes = { client_secret: 'x'.repeat(47), client_id: 'x', token: 'x', owner: other.user.id, created: 'x' }
    await call(method, apps + client.clientId, {
      name: 'New',
      scopes: 'read write',
      grant_types: ['password'],
      ...wishes,
    })
    const { updatedAt: _, name: __, ...before } = client
    expect(await pod.db.client.findUnique({ where: { id: client.id } })).toMatchObject(before)
    expect(secret).not.toBe('')
  })

  test('a scope taken from a client is taken from its tokens at once (S43)', async () => {
    const registered = await mine()
    const tokens = await someTokens(pod, registered)
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
    await call(method, apps + registered.client.clientId, { name: 'New', scopes: 'write' })
    const answer = await useToken(pod, tokens.access_token)
    expect([answer.statusCode, answer.json().scope]).toEqual([403, 'read:profile'])
  })
})

describe('DELETE /api/v1/oauth/apps/{client_id}', () => {
  test('ends the tokens, codes and application token of the client, and nothing else (S46)', async () => {
    const registered = await mine()
    const tokens = await someTokens(pod, registered)
    const code = await aCode(pod, registered)
    const others = await someTokens(pod, await mine())
    const answer = await call('DELETE', `${apps}${registered.client.clientId}/`)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(401)
    expect((await useToken(pod, registered.applicationToken ?? '')).statusCode).toBe(401)
    expect((await refresh(pod, registered, tokens.refresh_token)).json().error).toBe('invalid_client')
    expect((await exchange(pod, registered, code)).json().error).toBe('invalid_client')
    expect((await useToken(pod, others.access_token)).statusCode).toBe(200)
    expect([await pod.db.tokenFamily.count(), await pod.db.authorizationCode.count()]).toEqual([1, 1])
  })
})

describe('POST /api/v1/oauth/apps/{client_id}/refresh-token', () => {
  test.each(['', '/'])('gives a new application token and ends the old one (S46), slash %j', async (slash) => {
    const { client, applicationToken: old } = await mine()
    const answer = await call('POST', `${apps}${client.clientId}/refresh-token${slash}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const { token, ...rest } = answer.json()
    expect(token).toMatch(/^blp_[A-Za-z0-9]{43}$/)
    expect((await call('GET', apps + client.clientId)).json()).toEqual({ ...rest, token: null })
    expect((await useToken(pod, token)).statusCode).toBe(200)
    expect((await useToken(pod, old ?? '')).statusCode).toBe(401)
  })

  test('GET is 405', async () => {
    const { client } = await mine()
    const answer = await call('GET', `${apps}${client.clientId}/refresh-token`)
    expect([answer.statusCode, answer.json()]).toEqual([405, { detail: 'Method "GET" not allowed.' }])
    expect(answer.headers.allow).toBe('POST')
  })
})

describe('changing clients', () => {
  const changes: [Method, string, object?][] = [
    ['PATCH', '', { name: 'Stolen' }],
    ['PUT', '', { name: 'Stolen' }],
    ['DELETE', ''],
    ['POST', '/refresh-token'],
  ]

  test.each(changes)(
    "%s%s of somebody else's client is 404 and changes nothing (S68)",
    async (method, path, fields) => {
      const other = await signedIn(pod)
      const theirs = await aClient(pod.db, { ownerId: other.user.id })
      const nobodys = await aClient(pod.db)
      for (const { client } of [theirs, nobodys]) {
        const answer = await call(method, apps + client.clientId + path, fields)
        expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
        expect(await pod.db.client.findUnique({ where: { id: client.id } })).toEqual(client)
      }
    },
  )

  test.each(changes)('%s%s needs write:security, which no access token has (S44)', async (method, path, fields) => {
    const { client, applicationToken } = await mine({ scopes: ['read', 'write', 'read:security'] })
    const url = apps + client.clientId + path
    const tokens = await someTokens(pod, await mine({ scopes: ['write:security', 'write'] }), {
      user: owner.user,
      scopes: ['write', 'write:security'],
    })
    expect((await call(method, url, fields, {})).statusCode).toBe(401)
    for (const token of [tokens.access_token, applicationToken]) {
      const answer = await call(method, url, fields, bearer(token))
      expect([answer.statusCode, answer.json().scope]).toEqual([403, 'write:security'])
    }
    expect(await pod.db.client.findUnique({ where: { id: client.id } })).toEqual(client)
  })

  test.each(changes)('%s%s works with an application token that names write:security', async (method, path, fields) => {
    const { applicationToken } = await mine({ scopes: ['read', 'write', 'write:security'] })
    const { client } = await mine()
    const answer = await call(method, apps + client.clientId + path, fields, bearer(applicationToken))
    expect(answer.statusCode).toBe(method === 'DELETE' ? 204 : 200)
  })

  test.each([
    ['PATCH', '', { scopes: 'read write:security' }],
    ['PUT', '', { name: 'x', scopes: 'read:instance:users write:security' }],
  ] as const)('an application token widens itself by no %s%s (S43)', async (method, path, fields) => {
    const { client, applicationToken } = await mine({ scopes: ['write:security'] })
    const answer = await call(method, apps + client.clientId + path, fields, bearer(applicationToken))
    expect(answer.statusCode).toBe(403)
    expect(await pod.db.client.findUnique({ where: { id: client.id } })).toEqual(client)
  })

  test('an application token gets no new token of a client that may more than itself (S43)', async () => {
    const { applicationToken } = await mine({ scopes: ['write:security'] })
    const { client } = await mine({ scopes: ['read', 'write:security'] })
    const url = `${apps}${client.clientId}/refresh-token`
    expect((await call('POST', url, {}, bearer(applicationToken))).statusCode).toBe(403)
    expect(await pod.db.client.findUnique({ where: { id: client.id } })).toEqual(client)
  })

  test.each(changes)('%s%s by a session needs its CSRF token (S60)', async (method, path, fields) => {
    const { client } = await mine()
    const { cookie } = asScript(owner.browser)
    const answer = await call(method, apps + client.clientId + path, fields, { cookie })
    expect([answer.statusCode, answer.json()]).toEqual([403, { detail: 'CSRF Failed: CSRF token missing.' }])
  })
})

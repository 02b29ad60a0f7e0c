import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { type Changes, postAs, refresh, someTokens } from '../../support/oauth-flow.ts'

const start = new Date('2026-03-01T12:00:00Z').getTime()
const seconds = start / 1000
const day = 86_400

let pod: TestApp
let client: Registered
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  client = await aClient(pod.db)
  vi.setSystemTime(start)
})
afterEach(() => vi.useRealTimers())

const introspect = (parameters: Changes, as = client) => postAs(pod, as, 'introspect', parameters)
const inactive = { active: false }

describe('introspection (RFC 7662)', () => {
  test('tells whose access token it is, for what and until when (§2.2)', async () => {
    const user = await aUser(pod.db, { username: 'alice' })
    const { access_token } = await someTokens(pod, client, { user, scopes: ['write:favorites', 'read'] })
    const answer = await introspect({ token: access_token })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toEqual({
      active: true,
      client_id: client.client.clientId,
      username: 'alice',
      sub: `${pod.config.publicUrl}/federation/actors/alice`,
      scope: 'write:favorites read',
      token_type: 'Bearer',
      iat: seconds,
      exp: seconds + 36_000,
      iss: `${pod.config.publicUrl}/`,
    })
  })

  test('calls a user what userinfo calls them, as both name the same issuer', async () => {
    const { access_token } = await someTokens(pod, client)
    const headers = { authorization: `Bearer ${access_token}` }
    const { iss, sub } = (await pod.app.inject({ url: '/oauth/userinfo', headers })).json()
    expect((await introspect({ token: access_token })).json()).toMatchObject({ iss, sub })
  })

  test('tells of a refresh token when it ends, and the scope of the whole grant', async () => {
    const first = await someTokens(pod, client, { scopes: ['read', 'write'] })
    const narrowed = (await refresh(pod, client, first.refresh_token, { scope: 'read' })).json()
    const answer = (await introspect({ token: narrowed.refresh_token, token_type_hint: 'refresh_token' })).json()
    expect(answer).toMatchObject({ active: true, scope: 'read write', exp: seconds + 30 * day })
    expect(answer).not.toHaveProperty('token_type')
    expect((await introspect({ token: narrowed.access_token })).json()).toMatchObject({ scope: 'read' })
  })

  test('names the client as the subject of a token that is for itself', async () => {
    const { access_token } = (await postAs(pod, client, 'token', { grant_type: 'client_credentials' })).json()
    const answer = (await introspect({ token: access_token })).json()
    expect(answer).toMatchObject({ active: true, sub: client.client.clientId })
    expect(answer).not.toHaveProperty('username')
  })

  test('says nothing about tokens of other clients but that they are not active (§4)', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    const stranger = await aClient(pod.db)
    for (const token of [access_token, refresh_token, 'unknown', 'bla_'.padEnd(47, 'x')]) {
      const answer = await introspect({ token }, stranger)
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toEqual(inactive)
    }
  })

  test('finds expired, rotated and revoked tokens not active, and those of deactivated users', async () => {
    const user = await aUser(pod.db)
    const first = await someTokens(pod, client, { user })
    const next = (await refresh(pod, client, first.refresh_token)).json()
    expect((await introspect({ token: first.access_token })).json()).toEqual(inactive)
    expect((await introspect({ token: first.refresh_token })).json()).toEqual(inactive)

    vi.setSystemTime(start + 36_000_000)
    expect((await introspect({ token: next.access_token })).json()).toEqual(inactive)
    expect((await introspect({ token: next.refresh_token })).json()).toMatchObject({ active: true })
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: false } })
    expect((await introspect({ token: next.refresh_token })).json()).toEqual(inactive)
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: true } })
    await postAs(pod, client, 'revoke', { token: next.refresh_token })
    expect((await introspect({ token: next.refresh_token })).json()).toEqual(inactive)
  })

  test('finds a refresh token not active after the absolute end of its family (S39)', async () => {
    const { refresh_token } = await someTokens(pod, client)
    await pod.db.tokenFamily.updateMany({ data: { expiresAt: new Date(start + 5000) } })
    expect((await introspect({ token: refresh_token })).json()).toMatchObject({ exp: seconds + 5 })
    vi.setSystemTime(start + 5000)
    expect((await introspect({ token: refresh_token })).json()).toEqual(inactive)
  })

  test('does not use a token up', async () => {
    const { refresh_token } = await someTokens(pod, client)
    await introspect({ token: refresh_token })
    expect((await refresh(pod, client, refresh_token)).statusCode).toBe(200)
  })
})

describe('who may ask (RFC 7662 §2.1, §4)', () => {
  test.each<[string, Changes, number, string]>([
    ['without a token', {}, 400, 'invalid_request'],
    ['with two tokens (S9)', { token: ['a', 'b'] }, 400, 'invalid_request'],
    ['without a secret', { token: 'a', client_secret: undefined }, 401, 'invalid_client'],
    ['with a wrong secret', { token: 'a', client_secret: 'wrong' }, 401, 'invalid_client'],
    ['without client', { token: 'a', client_id: undefined, client_secret: undefined }, 401, 'invalid_client'],
  ])('a request %s is refused', async (_, parameters, status, error) => {
    const answer = await introspect(parameters)
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toEqual({ error, error_description: expect.any(String) })
  })

  test('clients without a secret may not', async () => {
    const native = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const answer = await introspect({ token: 'a' }, native)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'unauthorized_client' })
  })

  test('an access token is no way to authenticate', async () => {
    const { access_token } = await someTokens(pod, client)
    const answer = await pod.app.inject({
      method: 'POST',
      url: '/api/v1/oauth/introspect',
      headers: { authorization: `Bearer ${access_token}` },
      payload: { token: access_token },
    })
    expect(answer.statusCode).toBe(401)
  })

  test('a query string is refused (S29), and so is GET', async () => {
    const url = '/api/v1/oauth/introspect'
    expect((await pod.app.inject({ method: 'POST', url: `${url}?token=a` })).statusCode).toBe(400)
    expect((await pod.app.inject(url)).statusCode).toBe(405)
  })
})

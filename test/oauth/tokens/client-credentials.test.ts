import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { type Changes, postAs, useToken } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const ask = (client: Parameters<typeof postAs>[1], changes: Changes = {}) =>
  postAs(pod, client, 'token', { grant_type: 'client_credentials', ...changes })

describe('client credentials (RFC 6749 §4.4)', () => {
  test('give an access token and no refresh token (§4.4.3)', async () => {
    const answer = await ask(await aClient(pod.db))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(answer.json()).toEqual({
      access_token: expect.stringMatching(/^bla_[0-9A-Za-z]{43}$/),
      token_type: 'Bearer',
      expires_in: 36_000,
      scope: 'read',
      created_at: expect.any(Number),
    })
  })

  test('make a new token each time, and the one before stays', async () => {
    const client = await aClient(pod.db)
    const tokens = [(await ask(client)).json(), (await ask(client)).json()].map(({ access_token }) => access_token)
    expect(tokens[0]).not.toBe(tokens[1])
    for (const token of tokens) {
      const { active } = (await postAs(pod, client, 'introspect', { token })).json()
      expect(active).toBe(true)
    }
  })

  test('give exactly the scopes that were asked for', async () => {
    const client = await aClient(pod.db, { scopes: ['read', 'write'] })
    const answer = await ask(client, { scope: 'write:favorites read:favorites' })
    expect(answer.json().scope).toBe('write:favorites read:favorites')
  })

  test.each([
    ['that was not registered', 'read write'],
    ['of which a part was not registered', 'read:favorites write:favorites'],
    ['that nobody knows', 'everything'],
  ])('with a scope %s are invalid_scope', async (_, scope) => {
    const client = await aClient(pod.db, { scopes: ['read'] })
    const answer = await ask(client, { scope })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ error: 'invalid_scope', error_description: expect.any(String) })
    expect(await pod.db.token.count()).toBe(0)
  })

  test('are not for clients without a secret: they are unauthorized_client (§4.4)', async () => {
    const client = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const answer = await ask(client)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'unauthorized_client' })
  })

  test('need the secret', async () => {
    const answer = await ask(await aClient(pod.db), { client_secret: undefined })
    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toMatchObject({ error: 'invalid_client' })
  })

  test('speak for no user: what belongs to one is refused with 403', async () => {
    const { access_token } = (await ask(await aClient(pod.db))).json()
    expect((await useToken(pod, access_token)).statusCode).toBe(403)
  })

  test('reach no apps and grants, whatever scope they were given (S44)', async () => {
    const client = await aClient(pod.db, { scopes: ['read', 'write', 'read:security', 'write:security'] })
    const { access_token } = (await ask(client, { scope: 'read write read:security write:security' })).json()
    const headers = { authorization: `Bearer ${access_token}` }
    for (const url of ['/api/v1/oauth/apps/', '/api/v1/oauth/grants/']) {
      expect((await pod.app.inject({ url, headers })).statusCode).toBe(403)
    }
  })

  test('end with the client', async () => {
    const client = await aClient(pod.db)
    const { access_token } = (await ask(client)).json()
    await pod.db.client.delete({ where: { id: client.client.id } })
    const answer = await useToken(pod, access_token)
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })
})

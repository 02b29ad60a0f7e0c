import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import {
  aCode,
  type Changes,
  exchange,
  newPkce,
  postAs,
  refresh,
  someTokens,
  useToken,
} from '../../support/oauth-flow.ts'

let pod: TestApp
let client: Registered
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  client = await aClient(pod.db)
})

const revoke = (parameters: Changes, as = client) => postAs(pod, as, 'revoke', parameters)
const statusOf = async (accessToken: string) => (await useToken(pod, accessToken)).statusCode

describe('revocation (RFC 7009, S40)', () => {
  test('of a refresh token ends it and its access token at once; the answer is empty', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    const answer = await revoke({ token: refresh_token })
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe('')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await statusOf(access_token)).toBe(401)
    expect((await refresh(pod, client, refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  test.each([
    ['application/json', '{}'],
    ['application/json; charset=utf-8', '{}'],
    ['application/json, text/plain, */*', ''],
    ['*/*', ''],
    ['text/html', ''],
  ])('who accepts %s reads %j', async (accept, body) => {
    const headers = { accept, 'content-type': 'application/json' }
    const payload = { token: 'unknown', client_id: client.client.clientId, client_secret: client.secret }
    const answer = await pod.app.inject({ method: 'POST', url: '/api/v1/oauth/revoke', headers, payload })
    expect([answer.statusCode, answer.body]).toEqual([200, body])
    expect(answer.headers['content-type']).toBe(body === '' ? undefined : 'application/json; charset=utf-8')
  })

  test('of an access token ends it and its refresh token', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    expect((await revoke({ token: access_token })).statusCode).toBe(200)
    expect(await statusOf(access_token)).toBe(401)
    expect((await refresh(pod, client, refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('of a refresh token that was rotated ends its successors', async () => {
    const first = await someTokens(pod, client)
    const next = (await refresh(pod, client, first.refresh_token)).json()
    await revoke({ token: first.refresh_token })
    expect(await statusOf(next.access_token)).toBe(401)
  })

  test('of one login leaves the others of the same user and app alone', async () => {
    const user = await aUser(pod.db)
    const [one, other] = [await someTokens(pod, client, { user }), await someTokens(pod, client, { user })]
    await revoke({ token: one.refresh_token })
    expect(await statusOf(other.access_token)).toBe(200)
  })

  test.each(['access_token', 'refresh_token', 'nonsense', ''])(
    'goes by the token, whatever the hint says (%j)',
    async (token_type_hint) => {
      const { access_token, refresh_token } = await someTokens(pod, client)
      expect((await revoke({ token: refresh_token, token_type_hint })).statusCode).toBe(200)
      expect(await statusOf(access_token)).toBe(401)
    },
  )

  test('of an unknown token is 200, and so is a second revocation (RFC 7009 §2.2)', async () => {
    const { refresh_token } = await someTokens(pod, client)
    for (const token of ['unknown', refresh_token, refresh_token, 'blr_'.padEnd(47, 'x')]) {
      const answer = await revoke({ token })
      expect(answer.statusCode).toBe(200)
      expect(answer.body).toBe('')
    }
  })

  test('of a token of another client is refused, and the token stays', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    const stranger = await aClient(pod.db)
    for (const token of [access_token, refresh_token]) {
      const answer = await revoke({ token }, stranger)
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ error: 'unauthorized_client' })
    }
    expect(await statusOf(access_token)).toBe(200)
    expect((await refresh(pod, client, refresh_token)).statusCode).toBe(200)
  })

  test('works without a secret for a client that has none, and only for its own tokens', async () => {
    const native = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, native, { challenge })
    const tokens = (await exchange(pod, native, code, { code_verifier: verifier })).json()
    const { access_token } = await someTokens(pod, client)
    expect((await revoke({ token: access_token }, native)).statusCode).toBe(400)
    expect((await revoke({ token: tokens.refresh_token }, native)).statusCode).toBe(200)
    expect(await statusOf(tokens.access_token)).toBe(401)
    expect(await statusOf(access_token)).toBe(200)
  })

  test('of an application token takes it from its owner; only the app itself can', async () => {
    const owner = await aUser(pod.db)
    const owned = await aClient(pod.db, { ownerId: owner.id })
    const token = owned.applicationToken ?? ''
    expect((await revoke({ token })).statusCode).toBe(200)
    expect(await statusOf(token)).toBe(200)
    expect((await revoke({ token }, owned)).statusCode).toBe(200)
    expect(await statusOf(token)).toBe(401)
  })
})

describe('a revocation request that is wrong', () => {
  test.each<[string, Changes, number, object]>([
    ['without token', {}, 400, { error: 'invalid_request', error_description: 'Missing token parameter.' }],
    ['with an empty token', { token: '' }, 400, { error: 'invalid_request' }],
    ['with two tokens (S9)', { token: ['a', 'b'] }, 400, { error: 'invalid_request' }],
    ['with a wrong secret (S27)', { token: 'a', client_secret: 'wrong' }, 401, { error: 'invalid_client' }],
    ['without a secret (S27)', { token: 'a', client_secret: undefined }, 401, { error: 'invalid_client' }],
    ['of an unknown client', { token: 'a', client_id: 'unknown' }, 401, { error: 'invalid_client' }],
  ])('%s is refused', async (_, parameters, status, body) => {
    const answer = await revoke(parameters)
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject(body)
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('revokes nothing', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    await revoke({ token: refresh_token, client_secret: 'wrong' })
    await revoke({ token: [refresh_token, refresh_token] })
    expect(await statusOf(access_token)).toBe(200)
  })

  test('with a query string is refused, before anything else is looked at (S29)', async () => {
    const answer = await pod.app.inject({ method: 'POST', url: '/api/v1/oauth/revoke?token=a' })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error_description: 'URL query parameters are not allowed' })
  })

  test('without token says so before it asks who is there', async () => {
    const answer = await revoke({ client_id: 'unknown', client_secret: 'wrong' })
    expect(answer.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('by GET is 405 (S29)', async () => {
    expect((await pod.app.inject('/api/v1/oauth/revoke')).statusCode).toBe(405)
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { aCode, type Changes, exchange, newPkce, refresh, useToken } from '../../support/oauth-flow.ts'

const minute = 60_000
const start = new Date('2026-03-01T12:00:00Z')

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))
afterEach(() => vi.useRealTimers())

const refused = (error: string, error_description?: string) => ({
  error,
  error_description: error_description ?? expect.any(String),
})

describe('a code', () => {
  test('is traded for tokens, in exactly this answer (RFC 6749 §5.1, S32)', async () => {
    const client = await aClient(pod.db)
    const answer = await exchange(pod, client, await aCode(pod, client, { scopes: ['write:favorites', 'read'] }))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(answer.json()).toEqual({
      access_token: expect.stringMatching(/^bla_[0-9A-Za-z]{43}$/),
      refresh_token: expect.stringMatching(/^blr_[0-9A-Za-z]{43}$/),
      token_type: 'Bearer',
      expires_in: 36_000,
      scope: 'write:favorites read',
      created_at: expect.any(Number),
    })
  })

  test('gives an access token that works for the user who allowed it', async () => {
    const user = await aUser(pod.db, { username: 'alice' })
    const client = await aClient(pod.db)
    const { access_token } = (await exchange(pod, client, await aCode(pod, client, { user }))).json()
    expect((await useToken(pod, access_token)).json()).toMatchObject({ username: 'alice' })
  })

  test('has 256 random bits, and no two are alike (S19)', async () => {
    const client = await aClient(pod.db)
    const codes = await Promise.all(Array.from({ length: 20 }, () => aCode(pod, client)))
    for (const code of codes) expect(code).toMatch(/^blc_[0-9A-Za-z]{43}$/)
    expect(new Set(codes).size).toBe(20)
  })

  test('ends after its lifetime, five minutes (S19)', async () => {
    expect(pod.config.authorizationCodeExpireSeconds).toBe(300)
    const client = await aClient(pod.db)
    vi.setSystemTime(start)
    const [inTime, tooLate] = [await aCode(pod, client), await aCode(pod, client)]
    vi.setSystemTime(start.getTime() + 5 * minute - 1)
    expect((await exchange(pod, client, inTime)).statusCode).toBe(200)
    vi.setSystemTime(start.getTime() + 5 * minute)
    const answer = await exchange(pod, client, tooLate)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual(refused('invalid_grant'))
  })

  test('works once (S20)', async () => {
    const client = await aClient(pod.db)
    const code = await aCode(pod, client)
    expect((await exchange(pod, client, code)).statusCode).toBe(200)
    const again = await exchange(pod, client, code)
    expect(again.statusCode).toBe(400)
    expect(again.json()).toEqual(refused('invalid_grant'))
  })

  test('used again takes back every token that came of it, refreshed ones included, and no other (S21)', async () => {
    const client = await aClient(pod.db)
    const user = await aUser(pod.db)
    const other = (await exchange(pod, client, await aCode(pod, client, { user }))).json()
    const code = await aCode(pod, client, { user })
    const first = (await exchange(pod, client, code)).json()
    const second = (await refresh(pod, client, first.refresh_token)).json()
    expect((await useToken(pod, second.access_token)).statusCode).toBe(200)

    expect((await exchange(pod, client, code)).json()).toEqual(refused('invalid_grant'))
    expect((await useToken(pod, second.access_token)).statusCode).toBe(401)
    expect((await refresh(pod, client, second.refresh_token)).json()).toEqual(refused('invalid_grant'))
    expect((await useToken(pod, other.access_token)).statusCode).toBe(200)
  })

  test.each<[string, Changes]>([
    ['another redirect URI', { redirect_uri: 'https://app.example/other' }],
    ['a wrong verifier', { code_verifier: newPkce().verifier }],
    ['no verifier', { code_verifier: undefined }],
    ['a wrong secret', { client_secret: 'wrong' }],
  ])('used again with %s takes nothing back: only who could have used it can (S21)', async (_, changes) => {
    const client = await aClient(pod.db)
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, client, { challenge })
    const tokens = (await exchange(pod, client, code, { code_verifier: verifier })).json()
    expect((await exchange(pod, client, code, { code_verifier: verifier, ...changes })).statusCode).not.toBe(200)
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
  })

  test('tried by another client is refused, stays usable and takes nothing back (S22)', async () => {
    const client = await aClient(pod.db)
    const stranger = await aClient(pod.db)
    const code = await aCode(pod, client)
    expect((await exchange(pod, stranger, code)).json()).toEqual(refused('invalid_grant'))
    const tokens = (await exchange(pod, client, code)).json()
    expect((await exchange(pod, stranger, code)).json()).toEqual(refused('invalid_grant'))
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
  })

  test('of a user who was deactivated is worth nothing (S57)', async () => {
    const user = await aUser(pod.db)
    const client = await aClient(pod.db)
    const code = await aCode(pod, client, { user })
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: false } })
    const answer = await exchange(pod, client, code)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual(refused('invalid_grant'))
  })

  test('of a client that did not register the refresh grant gives no refresh token', async () => {
    const client = await aClient(pod.db, { grantTypes: ['authorization_code'], origin: 'dynamic' })
    const answer = (await exchange(pod, client, await aCode(pod, client))).json()
    expect(answer).not.toHaveProperty('refresh_token')
  })

  test('survives a clock that is set back, used or unused, as what it is (S90)', async () => {
    const client = await aClient(pod.db)
    vi.setSystemTime(start)
    const [used, unused] = [await aCode(pod, client), await aCode(pod, client)]
    expect((await exchange(pod, client, used)).statusCode).toBe(200)
    vi.setSystemTime(start.getTime() - 10 * minute)
    expect((await exchange(pod, client, used)).json()).toEqual(refused('invalid_grant'))
    const answer = await exchange(pod, client, unused)
    expect(answer.json()).toMatchObject({ expires_in: 36_000 })
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import {
  aCode,
  type Changes,
  exchange,
  newPkce,
  refresh,
  someTokens,
  type Tokens,
  useToken,
} from '../../support/oauth-flow.ts'

const second = 1000
const day = 86_400 * second
const start = new Date('2026-03-01T12:00:00Z').getTime()

let pod: TestApp
let client: Registered
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  client = await aClient(pod.db, { scopes: ['read', 'write'] })
  vi.setSystemTime(start)
})
afterEach(() => vi.useRealTimers())

const at = (milliseconds: number) => vi.setSystemTime(start + milliseconds)
const refused = (error: string) => ({ error, error_description: expect.any(String) })

async function refreshed(token: string, changes: Changes = {}): Promise<Tokens> {
  const answer = await refresh(pod, client, token, changes)
  expect(answer.statusCode).toBe(200)
  return answer.json()
}

describe('scope of a refresh (RFC 6749 §6)', () => {
  const scopes = ['read:profile', 'read:favorites', 'write:favorites']

  test('left out, it is what was granted, in the same words', async () => {
    const first = await someTokens(pod, client, { scopes })
    expect((await refreshed(first.refresh_token)).scope).toBe('read:profile read:favorites write:favorites')
  })

  test('narrows the access token (S38)', async () => {
    const first = await someTokens(pod, client, { scopes })
    const narrow = await refreshed(first.refresh_token, { scope: 'read:favorites' })
    expect(narrow.scope).toBe('read:favorites')
    const answer = await useToken(pod, narrow.access_token)
    expect(answer.statusCode).toBe(403)
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"')
  })

  test('narrowed once, is whole again in the next refresh (S38)', async () => {
    const first = await someTokens(pod, client, { scopes })
    const narrow = await refreshed(first.refresh_token, { scope: 'read:favorites' })
    const whole = await refreshed(narrow.refresh_token)
    expect(whole.scope).toBe('read:profile read:favorites write:favorites')
    expect((await useToken(pod, whole.access_token)).statusCode).toBe(200)
  })

  test('a part of a granted parent may be asked for (S38)', async () => {
    const first = await someTokens(pod, client, { scopes: ['read'] })
    expect((await refreshed(first.refresh_token, { scope: 'read:profile' })).scope).toBe('read:profile')
  })

  test.each([
    ['a scope that was not granted', 'read:profile write:playlists'],
    ['the parent of one that was granted', 'read'],
    ['an unknown scope', 'read:profile everything'],
    ['only blanks', '   '],
  ])('%s is invalid_scope and uses nothing up (S38)', async (_, scope) => {
    const first = await someTokens(pod, client, { scopes })
    const answer = await refresh(pod, client, first.refresh_token, { scope })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual(refused('invalid_scope'))
    expect((await useToken(pod, first.access_token)).statusCode).toBe(200)
    await refreshed(first.refresh_token)
  })

  test('that the client no longer has is not in the token it gets, whatever it was granted (S43)', async () => {
    const first = await someTokens(pod, client, { scopes })
    await pod.db.client.update({ where: { id: client.client.id }, data: { scopes: ['read:favorites'] } })
    const next = await refreshed(first.refresh_token)
    expect((await useToken(pod, next.access_token)).statusCode).toBe(403)
  })
})

describe('the end of a refresh token (S39)', () => {
  test('comes after 30 days without use', async () => {
    const first = await someTokens(pod, client)
    at(30 * day - second)
    const next = await refreshed(first.refresh_token)
    at(60 * day - second)
    expect((await refresh(pod, client, next.refresh_token)).json()).toEqual(refused('invalid_grant'))
  })

  test('comes after 90 days, however much it is used', async () => {
    let { refresh_token } = await someTokens(pod, client)
    for (const days of [25, 50, 75]) {
      at(days * day)
      refresh_token = (await refreshed(refresh_token)).refresh_token
    }
    at(90 * day - 2 * second)
    const last = await refreshed(refresh_token)
    expect(last.expires_in).toBe(2)
    expect((await useToken(pod, last.access_token)).statusCode).toBe(200)
    at(90 * day)
    expect((await refresh(pod, client, last.refresh_token)).json()).toEqual(refused('invalid_grant'))
    expect((await useToken(pod, last.access_token)).statusCode).toBe(401)
    // Nor is the answer that was lost given again.
    expect((await refresh(pod, client, refresh_token)).json()).toEqual(refused('invalid_grant'))
  })

  test('comes for access tokens too, even the first, where they could live longer (RFC 9700 §4.14.2)', async () => {
    const brief = await testApp({ accessTokenExpireSeconds: 600, refreshTokenExpireSeconds: 60 })
    onTestFinished(() => brief.close())
    const first = await someTokens(brief, client)
    expect(first.expires_in).toBe(60)
    at(60 * second)
    expect((await useToken(brief, first.access_token)).statusCode).toBe(401)
  })

  test('comes when the user is deactivated, for the access token too, and both return with the user (S57)', async () => {
    const user = await aUser(pod.db)
    const { access_token, refresh_token } = await someTokens(pod, client, { user })
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: false } })
    expect((await refresh(pod, client, refresh_token)).json()).toEqual(refused('invalid_grant'))
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: true } })
    await refreshed(refresh_token)
  })

  test('comes with the grant, and with the client (S45, S46)', async () => {
    const first = await someTokens(pod, client)
    await pod.db.grant.deleteMany()
    expect((await refresh(pod, client, first.refresh_token)).json()).toEqual(refused('invalid_grant'))
    const other = await someTokens(pod, client)
    await pod.db.client.delete({ where: { id: client.client.id } })
    expect((await refresh(pod, client, other.refresh_token)).json()).toEqual(refused('invalid_client'))
    expect((await useToken(pod, other.access_token)).statusCode).toBe(401)
  })
})

describe('who may refresh (S27)', () => {
  test('a client with a secret only with its secret; a failed attempt uses nothing up', async () => {
    const { refresh_token } = await someTokens(pod, client)
    for (const client_secret of [undefined, 'wrong']) {
      const answer = await refresh(pod, client, refresh_token, { client_secret, code_verifier: newPkce().verifier })
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toEqual(refused('invalid_client'))
    }
    await refreshed(refresh_token)
  })

  test('a client without a secret by its id alone, and the tokens rotate just the same', async () => {
    const native = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, native, { challenge })
    const first = (await exchange(pod, native, code, { code_verifier: verifier })).json()
    const next = (await refresh(pod, native, first.refresh_token)).json()
    at(60 * second)
    expect((await refresh(pod, native, first.refresh_token)).json()).toEqual(refused('invalid_grant'))
    expect((await refresh(pod, native, next.refresh_token)).json()).toEqual(refused('invalid_grant'))
  })
})

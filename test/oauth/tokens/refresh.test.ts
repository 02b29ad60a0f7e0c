import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { refresh, someTokens, type Tokens, useToken } from '../../support/oauth-flow.ts'

const second = 1000
const start = new Date('2026-03-01T12:00:00Z').getTime()

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

const at = (milliseconds: number) => vi.setSystemTime(start + milliseconds)
const refusal = { error: 'invalid_grant', error_description: expect.any(String) }

async function refreshed(token: string, changes = {}): Promise<Tokens> {
  const answer = await refresh(pod, client, token, changes)
  expect(answer.statusCode).toBe(200)
  return answer.json()
}

async function expectRefused(token: string): Promise<void> {
  const answer = await refresh(pod, client, token)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual(refusal)
}

const statusOf = async (accessToken: string) => (await useToken(pod, accessToken)).statusCode

describe('rotation', () => {
  test('every refresh gives a new access token and a new refresh token (S34)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    expect(next).toEqual({
      access_token: expect.stringMatching(/^bla_[0-9A-Za-z]{43}$/),
      refresh_token: expect.stringMatching(/^blr_[0-9A-Za-z]{43}$/),
      token_type: 'Bearer',
      expires_in: 36_000,
      scope: 'read',
      created_at: start / 1000,
    })
    expect(next.access_token).not.toBe(first.access_token)
    expect(next.refresh_token).not.toBe(first.refresh_token)
    expect(await statusOf(next.access_token)).toBe(200)
  })

  test('the access token before ends at once, as an invalid one', async () => {
    const first = await someTokens(pod, client)
    await refreshed(first.refresh_token)
    const answer = await useToken(pod, first.access_token)
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  test('an access token that expired can still be refreshed', async () => {
    const first = await someTokens(pod, client)
    at(36_001 * second)
    expect(await statusOf(first.access_token)).toBe(401)
    expect(await statusOf((await refreshed(first.refresh_token)).access_token)).toBe(200)
  })
})

describe('reuse', () => {
  test('of a refresh token whose successor was used ends all tokens of that grant of tokens (S35)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    const last = await refreshed(next.refresh_token)
    await expectRefused(first.refresh_token)
    expect(await statusOf(last.access_token)).toBe(401)
    await expectRefused(last.refresh_token)
  })

  test('ends nothing else: neither other logins with this app nor other apps (S35)', async () => {
    const user = await aUser(pod.db)
    const [first, otherLogin] = [await someTokens(pod, client, { user }), await someTokens(pod, client, { user })]
    const otherApp = await someTokens(pod, await aClient(pod.db), { user })
    await refreshed((await refreshed(first.refresh_token)).refresh_token)
    await expectRefused(first.refresh_token)
    expect(await statusOf(otherLogin.access_token)).toBe(200)
    expect(await statusOf(otherApp.access_token)).toBe(200)
    await refreshed(otherLogin.refresh_token)
  })

  test('after the grace time is reuse even if the successor is unused (S35, S37)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    at(10 * second)
    await expectRefused(first.refresh_token)
    expect(await statusOf(next.access_token)).toBe(401)
    await expectRefused(next.refresh_token)
  })

  test('by another client is refused and ends nothing (S38)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    at(60 * second)
    const stranger = await aClient(pod.db)
    for (const token of [first.refresh_token, next.refresh_token]) {
      expect((await refresh(pod, stranger, token)).json()).toEqual(refusal)
    }
    expect(await statusOf(next.access_token)).toBe(200)
    await refreshed(next.refresh_token)
  })
})

describe('a lost answer', () => {
  test('can be had again within the grace time: same successor, fresh access token (S37)', async () => {
    const first = await someTokens(pod, client)
    const lost = await refreshed(first.refresh_token)
    at(10 * second - 1)
    const again = await refreshed(first.refresh_token)
    expect(again.refresh_token).toBe(lost.refresh_token)
    expect(again.access_token).not.toBe(lost.access_token)
    expect(await statusOf(again.access_token)).toBe(200)
    expect(await statusOf(lost.access_token)).toBe(401)
    await refreshed(again.refresh_token)
  })

  test('leaves one live leaf, however often it is asked for (S37)', async () => {
    const first = await someTokens(pod, client)
    for (let round = 0; round < 3; round++) await refreshed(first.refresh_token)
    expect(await pod.db.token.count({ where: { rotatedAt: null, refreshHash: { not: null } } })).toBe(1)
    expect(await pod.db.token.count({ where: { accessHash: { not: null } } })).toBe(1)
  })

  test('cannot be had again once the successor was used, also within the grace time (S35)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    const last = await refreshed(next.refresh_token)
    at(second)
    await expectRefused(first.refresh_token)
    expect(await statusOf(last.access_token)).toBe(401)
  })

  test('is reuse at once where REFRESH_TOKEN_GRACE_SECONDS is 0 (S37)', async () => {
    const strict = await testApp({ refreshTokenGraceSeconds: 0 })
    const first = await someTokens(strict, client)
    const next = await refreshed(first.refresh_token)
    expect((await refresh(strict, client, first.refresh_token)).json()).toEqual(refusal)
    expect(await statusOf(next.access_token)).toBe(401)
    await strict.close()
  })
})

describe('the clock', () => {
  test('set back some minutes, it revives no rotated token, and live ones go on (S90)', async () => {
    const first = await someTokens(pod, client)
    at(20 * second)
    const next = await refreshed(first.refresh_token)
    at(-5 * 60 * second)
    const last = await refreshed(next.refresh_token)
    expect(last.expires_in).toBe(36_000)
    expect(await statusOf(last.access_token)).toBe(200)
    await expectRefused(first.refresh_token)
    expect(await statusOf(last.access_token)).toBe(401)
  })

  test('set back some minutes, it does not stretch the grace time (S90)', async () => {
    const first = await someTokens(pod, client)
    await refreshed(first.refresh_token)
    at(-5 * 60 * second)
    await expectRefused(first.refresh_token)
  })

  test('set back a little, it takes no retry for reuse (S37)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    at(-second)
    expect((await refreshed(first.refresh_token)).refresh_token).toBe(next.refresh_token)
  })

  test('set forward some minutes, it makes no answer other than usual (S90)', async () => {
    const first = await someTokens(pod, client)
    at(5 * 60 * second)
    const next = await refreshed(first.refresh_token)
    expect(next.expires_in).toBe(36_000)
    expect(await statusOf(next.access_token)).toBe(200)
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { deviceCodeGrant, type Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { type Changes, postAs, refresh, signedIn, useToken } from '../../support/oauth-flow.ts'

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
  client = await aClient(pod.db, { name: 'Telly' })
  vi.setSystemTime(start)
})
afterEach(() => vi.useRealTimers())

const at = (milliseconds: number) => vi.setSystemTime(start + milliseconds)
const begin = async (changes: Changes = {}) => (await postAs(pod, client, 'device_authorization', changes)).json()
const poll = (device_code: string, as = client) =>
  postAs(pod, as, 'token', { grant_type: deviceCodeGrant, device_code })

async function expectError(device_code: string, error: string): Promise<void> {
  const answer = await poll(device_code)
  expect(answer.json()).toEqual({ error, error_description: expect.any(String) })
  expect(answer.statusCode).toBe(400)
  expect(answer.headers['cache-control']).toBe('no-store')
}

/** Types the code at /device and decides. */
async function decide(userCode: string, decision: 'allow' | 'deny', scopes?: string[]) {
  const { user, browser } = await signedIn(pod)
  const consent = await browser.submit(await browser.get('/device'), '/device', { user_code: userCode })
  return { user, page: await browser.submit(consent, '/device', { decision, ...(scopes && { scopes }) }) }
}

describe('a device authorization (RFC 8628)', () => {
  test('starts with a code for the device and one for the user (§3.2)', async () => {
    const answer = await postAs(pod, client, 'device_authorization', { scope: 'read' })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const { user_code } = answer.json()
    expect(user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(answer.json()).toEqual({
      device_code: expect.stringMatching(/^bld_[0-9A-Za-z]{43}$/),
      user_code,
      verification_uri: `${pod.config.publicUrl}/device`,
      verification_uri_complete: `${pod.config.publicUrl}/device?user_code=${user_code}`,
      expires_in: 600,
      interval: 5,
    })
  })

  test('gives no access token that outlives its grant', async () => {
    const brief = await testApp({ accessTokenExpireSeconds: 600, refreshTokenExpireSeconds: 60 })
    onTestFinished(() => brief.close())
    const { device_code, user_code } = await begin()
    await decide(user_code, 'allow')
    const answer = await postAs(brief, client, 'token', { grant_type: deviceCodeGrant, device_code })
    expect(answer.json().expires_in).toBe(60)
  })

  test('keeps the device waiting until the user decides (§3.5)', async () => {
    const { device_code } = await begin()
    await expectError(device_code, 'authorization_pending')
    at(5 * second)
    await expectError(device_code, 'authorization_pending')
  })

  test('slows down a device that asks too early, by five more seconds each time (§3.5)', async () => {
    const { device_code } = await begin()
    await expectError(device_code, 'authorization_pending')
    at(5 * second - 1)
    await expectError(device_code, 'slow_down')
    at(15 * second - 2)
    await expectError(device_code, 'slow_down')
    at(30 * second)
    await expectError(device_code, 'authorization_pending')
    at(45 * second - 1)
    await expectError(device_code, 'slow_down')
  })

  test('gives the tokens once the user has allowed it, also to a device that was slowed down', async () => {
    const { device_code, user_code } = await begin({ scope: 'read' })
    await poll(device_code)
    await poll(device_code)
    const { user, page } = await decide(user_code, 'allow')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Your device is connected')

    const tokens = await poll(device_code)
    expect(tokens.statusCode).toBe(200)
    expect(tokens.json()).toMatchObject({ token_type: 'Bearer', scope: 'read', expires_in: 36_000 })
    expect((await useToken(pod, tokens.json().access_token)).json()).toMatchObject({ username: user.username })
    expect((await refresh(pod, client, tokens.json().refresh_token)).statusCode).toBe(200)
  })

  test('gives only what the user left ticked', async () => {
    const { device_code, user_code } = await begin({ scope: 'read:profile write:favorites' })
    await decide(user_code, 'allow', ['write:favorites'])
    const tokens = (await poll(device_code)).json()
    expect(tokens.scope).toBe('write:favorites')
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(403)
  })

  test('with everything unticked is asked again, and nothing is decided', async () => {
    const { device_code, user_code } = await begin()
    const { page } = await decide(user_code, 'allow', [])
    expect(page.status).toBe(400)
    await expectError(device_code, 'authorization_pending')
  })

  test('that the user denied is access_denied', async () => {
    const { device_code, user_code } = await begin()
    const { page } = await decide(user_code, 'deny')
    expect(page.status).toBe(200)
    await expectError(device_code, 'access_denied')
    await expectError(device_code, 'access_denied')
  })

  test('is over after ten minutes, allowed or not (§3.5)', async () => {
    const [waiting, allowed] = [await begin(), await begin()]
    await decide(allowed.user_code, 'allow')
    at(600 * second)
    await expectError(waiting.device_code, 'expired_token')
    await expectError(allowed.device_code, 'expired_token')
    expect((await decideAgain(waiting.user_code)).status).toBe(400)
  })

  test('gives tokens once: the device code is used up (§3.4)', async () => {
    const { device_code, user_code } = await begin()
    await decide(user_code, 'allow')
    const both = await Promise.all([poll(device_code), poll(device_code)])
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400])
    await expectError(device_code, 'invalid_grant')
    expect(await pod.db.tokenFamily.count()).toBe(1)
  })

  test('is worth nothing to another client, who neither uses it up nor slows it down (§5.2)', async () => {
    const { device_code, user_code } = await begin()
    const stranger = await aClient(pod.db)
    for (let i = 0; i < 3; i++) {
      expect((await poll(device_code, stranger)).json()).toMatchObject({ error: 'invalid_grant' })
    }
    await expectError(device_code, 'authorization_pending')
    await decide(user_code, 'allow')
    expect((await poll(device_code, stranger)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await poll(device_code)).statusCode).toBe(200)
  })

  test('of a user who was deactivated meanwhile gives nothing (S57)', async () => {
    const { device_code, user_code } = await begin()
    const { user } = await decide(user_code, 'allow')
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: false } })
    await expectError(device_code, 'invalid_grant')
  })

  test('is there for clients without a secret', async () => {
    client = await aClient(pod.db, { isPublic: true, origin: 'dynamic', redirectUris: [] })
    const { device_code, user_code } = await begin()
    await decide(user_code, 'allow')
    expect((await poll(device_code)).statusCode).toBe(200)
  })

  async function decideAgain(userCode: string) {
    const { browser } = await signedIn(pod)
    return browser.submit(await browser.get('/device'), '/device', { user_code: userCode })
  }
})

describe('a request for device codes that is wrong', () => {
  test.each<[string, Changes, number, string]>([
    ['with a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['without a secret', { client_secret: undefined }, 401, 'invalid_client'],
    ['with an unknown scope', { scope: 'everything' }, 400, 'invalid_scope'],
    ['with two scopes parameters (S9)', { scope: ['read', 'write'] }, 400, 'invalid_request'],
  ])('%s is refused', async (_, changes, status, error) => {
    const answer = await postAs(pod, client, 'device_authorization', changes)
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject({ error })
  })

  test('by a client that has not registered the grant is unauthorized_client', async () => {
    const narrow = await aClient(pod.db, { grantTypes: ['authorization_code'], origin: 'dynamic' })
    const answer = await postAs(pod, narrow, 'device_authorization', {})
    expect(answer.json()).toMatchObject({ error: 'unauthorized_client' })
    expect((await poll('bld_'.padEnd(47, 'x'), narrow)).json()).toMatchObject({ error: 'unauthorized_client' })
  })

  test('polling without device_code says so', async () => {
    const answer = await postAs(pod, client, 'token', { grant_type: deviceCodeGrant })
    expect(answer.json()).toEqual({ error: 'invalid_request', error_description: 'Missing device code parameter.' })
  })
})

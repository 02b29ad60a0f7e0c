import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { dayMs, hourMs } from '../src/maintenance/maintenance.ts'
import { deviceCodeGrant, type Registered } from '../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from './support/app.ts'
import { emptyDatabase } from './support/database.ts'
import { aClient, aUser } from './support/factories.ts'
import { aCode, exchange, postAs, refresh, signedIn, someTokens, useToken } from './support/oauth-flow.ts'

let pod: TestApp
let client: Registered & { secret: string }

beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  vi.useFakeTimers({ toFake: ['Date'] })
  client = await aClient(pod.db)
  return () => vi.useRealTimers()
})

/** Everything that is ever cleared away, once. @returns how much by task */
async function clean(): Promise<Record<string, number>> {
  const round = { now: new Date(), goOn: () => true }
  const done: Record<string, number> = {}
  for (const task of pod.services.maintenance.tasks) done[task.name] = await task.run(round)
  return done
}

function pass(ms: number) {
  vi.setSystemTime(Date.now() + ms)
}

describe('tokens (S92)', () => {
  test('a refresh token that comes a second time ends its family after any number of cleanings (S34)', async () => {
    const first = await someTokens(pod, client)
    let tokens = first
    for (let weeks = 0; weeks < 8; weeks++) {
      pass(7 * dayMs)
      tokens = (await refresh(pod, client, tokens.refresh_token)).json()
      await clean()
    }
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
    expect((await refresh(pod, client, first.refresh_token)).statusCode).toBe(400)
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(401)
  })

  test('a family goes a day after its last token could be used, and with it the grant', async () => {
    await someTokens(pod, client)
    pass(30 * dayMs + 23 * hourMs)
    expect(await clean()).toMatchObject({ tokens: 0, grants: 0 })
    pass(2 * hourMs)
    expect(await clean()).toMatchObject({ tokens: 1, 'authorization-codes': 1, grants: 1 })
    expect([await pod.db.token.count(), await pod.db.client.count()]).toEqual([0, 1])
  })

  test('an access token is kept until its family ends, which it does not outlive (S39)', async () => {
    let tokens = await someTokens(pod, client)
    for (let day = 0; day < 18; day++) {
      pass(5 * dayMs - (day === 17 ? hourMs : 0))
      tokens = (await refresh(pod, client, tokens.refresh_token)).json()
    }
    pass(hourMs / 2)
    await clean()
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
    pass(hourMs)
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(401)
  })

  test('tokens without an end stay', async () => {
    const { access_token } = await someTokens(pod, client)
    await pod.db.token.updateMany({ data: { accessExpiresAt: null, refreshHash: null, refreshExpiresAt: null } })
    await pod.db.tokenFamily.updateMany({ data: { expiresAt: null } })
    pass(1000 * dayMs)
    expect(await clean()).toMatchObject({ tokens: 0, grants: 0 })
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
  })

  test('a token of a client that speaks for itself goes a day after its end', async () => {
    await postAs(pod, client, 'token', { grant_type: 'client_credentials' })
    pass(10 * hourMs + 23 * hourMs)
    expect(await clean()).toMatchObject({ tokens: 0 })
    pass(2 * hourMs)
    expect(await clean()).toMatchObject({ tokens: 1 })
  })

  test('more than one slice is looked at, whatever lives between', async () => {
    const user = await aUser(pod.db)
    const [old, living] = [new Date(Date.now() - 100 * dayMs), new Date(Date.now() + dayMs)]
    const families = Array.from({ length: 450 }, (_, index) => ({
      clientId: client.client.id,
      userId: user.id,
      scopes: ['read'],
      rotationKey: new Uint8Array(32),
      createdAt: old,
      expiresAt: index % 3 === 0 ? living : old,
    }))
    const made = await pod.db.tokenFamily.createManyAndReturn({ data: families })
    await pod.db.token.createMany({
      data: made.map(({ id, expiresAt }, index) => ({
        familyId: id,
        accessHash: new Uint8Array(32).fill(index % 256, 0, 16).fill(index >> 8, 16),
        accessExpiresAt: expiresAt,
        scopes: ['read'],
        createdAt: old,
      })),
    })
    expect(await clean()).toMatchObject({ tokens: 300 })
    expect(await pod.db.tokenFamily.count({ where: { expiresAt: living } })).toBe(150)
  })
})

describe('authorization codes (S92)', () => {
  test('a used one is kept as long as tokens live that its second use ends (RFC 6749 §4.1.2)', async () => {
    const code = await aCode(pod, client)
    const { access_token, refresh_token } = (await exchange(pod, client, code)).json()
    pass(20 * dayMs)
    expect(await clean()).toMatchObject({ 'authorization-codes': 0 })
    const again = await refresh(pod, client, refresh_token)
    expect(again.statusCode).toBe(200)
    await exchange(pod, client, code)
    expect((await useToken(pod, again.json().access_token)).statusCode).toBe(401)
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
  })

  test('an unused one goes a day after its end, with the grant that came to nothing', async () => {
    await aCode(pod, client)
    pass(23 * hourMs)
    expect(await clean()).toMatchObject({ 'authorization-codes': 0, grants: 0 })
    pass(2 * hourMs)
    expect(await clean()).toMatchObject({ 'authorization-codes': 1, grants: 1 })
  })

  test('a grant that is given anew while it is about to be forgotten stays', async () => {
    const user = await aUser(pod.db)
    await aCode(pod, client, { user })
    pass(3 * dayMs)
    const [code] = await Promise.all([aCode(pod, client, { user }), clean(), clean()])
    expect((await exchange(pod, client, code)).statusCode).toBe(200)
  })
})

test('sessions, requests, devices, links and old failures go when they are long over, and no sooner (S92)', async () => {
  const { browser } = await signedIn(pod)
  await browser.get(
    `/authorize?response_type=code&client_id=${client.client.clientId}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=read`,
  )
  const device = await aClient(pod.db, { grantTypes: [deviceCodeGrant] })
  await postAs(pod, device, 'device_authorization', { scope: 'read' })
  const { id: userId } = await aUser(pod.db)
  const now = new Date()
  await pod.db.oneTimeToken.create({
    data: {
      userId,
      purpose: 'reset-password',
      tokenHash: new Uint8Array(32),
      email: '',
      createdAt: now,
      expiresAt: now,
    },
  })
  await pod.db.loginFailure.create({ data: { accountKey: new Uint8Array(8), failedAt: now } })
  await pod.db.securityEvent.create({ data: { userId, kind: 'login', createdAt: now } })
  const mine = ['sessions', 'authorization-requests', 'device-authorizations', 'one-time-tokens', 'login-failures']
  const cleanMine = async () => {
    const done = await clean()
    return mine.map((name) => done[name])
  }
  expect(await cleanMine()).toEqual([0, 0, 0, 0, 0])
  pass(26 * hourMs)
  expect(await cleanMine()).toEqual([0, 1, 1, 1, 1])
  pass(14 * dayMs)
  expect(await clean()).toMatchObject({ sessions: 1, 'security-events': 0 })
  pass(180 * dayMs)
  expect((await clean())['security-events']).toBeGreaterThanOrEqual(1)
  expect(await pod.db.securityEvent.count({ where: { userId } })).toBe(0)
})

test('clients are never deleted, whether or not anybody uses them (S92)', async () => {
  pass(4000 * dayMs)
  await clean()
  expect(await pod.db.client.count()).toBe(1)
})

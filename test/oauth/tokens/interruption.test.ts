import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { closeDatabase, openDatabase } from '../../../src/db/database.ts'
import { deviceCodeGrant, type Registered } from '../../../src/oauth/clients/clients.ts'
import { podOn, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase, testDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import {
  aCode,
  authorizationUrl,
  exchange,
  postAs,
  refresh,
  signedIn,
  someTokens,
  useToken,
} from '../../support/oauth-flow.ts'

const source = inject('testDatabaseSource')

describe.runIf(source.kind === 'postgres')('connections that are cut while tokens are made', () => {
  const applicationName = 'to-be-cut'
  let pod: TestApp
  beforeAll(async () => {
    const location = await testDatabaseLocation()
    if (!('url' in location)) throw new Error('not on PostgreSQL')
    const url = new URL(location.url)
    url.searchParams.set('application_name', applicationName)
    pod = await podOn(openDatabase({ url: url.href }), { changes: { refreshTokenGraceSeconds: 600 } })
  })
  afterAll(async () => {
    await pod.close()
    await closeDatabase(pod.db)
  })
  beforeEach(() => emptyDatabase(pod.db))

  /** All at once, and until they are gone: being told to end takes a while on a busy machine. */
  const cut = async () => {
    const other = await testDatabase()
    const ended = await other.$queryRaw<{ pid: number }[]>`
      SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${applicationName}`
    const pids = ended.map(({ pid }) => pid)
    const left = () => other.$queryRaw`SELECT pid FROM pg_stat_activity WHERE pid = ANY (${pids}::int[])`
    await expect.poll(left, { timeout: 10_000, interval: 1 }).toEqual([])
  }

  /** What no crash may leave behind. */
  const halves = async () => (await testDatabase()).$queryRaw`
    SELECT 'a used code without tokens' AS what FROM authorization_codes c
      LEFT JOIN token_families f ON f.code_id = c.id WHERE c.used_at IS NOT NULL AND f.id IS NULL
    UNION ALL SELECT 'tokens of an unused code' FROM authorization_codes c
      JOIN token_families f ON f.code_id = c.id WHERE c.used_at IS NULL
    UNION ALL SELECT 'a rotated token without successor' FROM tokens t
      LEFT JOIN tokens s ON s.predecessor_id = t.id WHERE t.rotated_at IS NOT NULL AND s.id IS NULL
    UNION ALL SELECT 'two live leaves' FROM tokens WHERE rotated_at IS NULL GROUP BY family_id HAVING count(*) > 1`

  test('each code and refresh token is unused, or used up together with its successor (S82)', async () => {
    const client = await aClient(pod.db)
    let interrupted = 0
    for (let round = 0; round < 12 && interrupted < 10; round++) {
      const codes = await Promise.all(Array.from({ length: 10 }, () => aCode(pod, client)))
      const old = await Promise.all(Array.from({ length: 10 }, () => someTokens(pod, client)))
      const requests = [
        ...codes.map((code) => exchange(pod, client, code)),
        ...old.map(({ refresh_token }) => refresh(pod, client, refresh_token)),
      ]
      // When the first is answered, the others are under way.
      await Promise.race(requests)
      await setTimeout(round % 4)
      await cut()
      const answers = await Promise.all(requests)
      const statuses = answers.map(({ statusCode }) => statusCode)
      expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
      interrupted += statuses.filter((status) => status === 503).length
      expect(await halves()).toEqual([])
      const again = await Promise.all(old.map(({ refresh_token }) => refresh(pod, client, refresh_token)))
      expect(again.map(({ statusCode }) => statusCode)).toEqual(old.map(() => 200))
      expect(await halves()).toEqual([])
    }
    expect(interrupted).toBeGreaterThan(0)
  }, 60_000)
})

describe('a restart (S83)', () => {
  let client: Registered
  let pod: TestApp
  beforeEach(async () => {
    pod = await testApp()
    await emptyDatabase(pod.db)
    client = await aClient(pod.db)
  })
  const restart = async () => {
    await pod.close()
    pod = await testApp()
  }
  afterEach(() => pod.close())

  test('keeps access tokens, refresh tokens and what they may', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    await restart()
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
    expect((await refresh(pod, client, refresh_token)).json().scope).toBe('read')
  })

  test('keeps used codes used, and remembers what came of them', async () => {
    const [unused, used] = [await aCode(pod, client), await aCode(pod, client)]
    const { access_token } = (await exchange(pod, client, used)).json()
    await restart()
    expect((await exchange(pod, client, unused)).statusCode).toBe(200)
    expect((await exchange(pod, client, used)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
  })

  test('keeps rotated tokens rotated, and the successor that a retry gets', async () => {
    const first = await someTokens(pod, client)
    const next = (await refresh(pod, client, first.refresh_token)).json()
    await restart()
    expect((await refresh(pod, client, first.refresh_token)).json().refresh_token).toBe(next.refresh_token)
    expect((await refresh(pod, client, next.refresh_token)).statusCode).toBe(200)
    await restart()
    expect((await refresh(pod, client, first.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('keeps revoked tokens revoked', async () => {
    const { access_token, refresh_token } = await someTokens(pod, client)
    await postAs(pod, client, 'revoke', { token: access_token })
    await restart()
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
    expect((await refresh(pod, client, refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('keeps people signed in, their open consent pages and the devices that wait', async () => {
    const { browser } = await signedIn(pod)
    const consent = await browser.get(authorizationUrl(client))
    const { device_code } = (await postAs(pod, client, 'device_authorization', {})).json()
    await restart()
    const after = pod.browser()
    for (const [name, value] of browser.cookies) after.cookies.set(name, value)
    const answer = await after.submit(consent, '/authorize', { decision: 'allow' })
    expect(new URL(answer.url).searchParams.get('code')).toMatch(/^blc_/)
    const polled = await postAs(pod, client, 'token', { grant_type: deviceCodeGrant, device_code })
    expect(polled.json()).toMatchObject({ error: 'authorization_pending' })
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { closeDatabase, openDatabase } from '../../../src/db/database.ts'
import { startEmbeddedDatabase } from '../../../src/db/embedded/embedded-database.ts'
import { migrateDatabase } from '../../../src/db/migrations.ts'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { listeningApp, podOn, type TestApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { embeddedTemplate } from '../../support/embedded-template.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { aCode, type Changes, formOf, newPkce, someTokens, type Tokens, useToken } from '../../support/oauth-flow.ts'

interface RacingPod extends TestApp {
  url: string
}

const isPostgres = inject('testDatabaseSource').kind === 'postgres'

describe.each(
  isPostgres
    ? [['PostgreSQL', listeningApp] as const, ['the embedded database', podOnEmbedded] as const]
    : [['the embedded database', listeningApp] as const],
)('requests at the same time, on %s', (_, openPod: () => Promise<RacingPod>) => {
  let pod: RacingPod
  let client: Registered
  beforeAll(async () => {
    pod = await openPod()
  })
  afterAll(() => pod.close())
  beforeEach(async () => {
    await emptyDatabase(pod.db)
    client = await aClient(pod.db)
  })

  const post = (endpoint: string, parameters: Changes) => postTo(pod.url, client, endpoint, parameters)
  const exchanged = (code: string, changes: Changes = {}) =>
    post('token', { grant_type: 'authorization_code', code, redirect_uri: 'https://app.example/callback', ...changes })
  const refreshed = (token: string) => post('token', { grant_type: 'refresh_token', refresh_token: token })
  const isLive = async (accessToken: string) => (await useToken(pod, accessToken)).statusCode === 200
  const liveLeaves = () => pod.db.token.count({ where: { rotatedAt: null, refreshHash: { not: null } } })

  test('16 exchanges of one code: one success, and no server error (S20)', async () => {
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, client, { challenge })
    const answers = await atOnce(16, () => exchanged(code, { code_verifier: verifier }))
    expect(outcomes(answers)).toEqual({ 200: 1, invalid_grant: 15 })
    expect(await pod.db.tokenFamily.count()).toBeLessThanOrEqual(1)
  })

  test('16 exchanges of one code: the losers are replays, so nothing of it stays alive (RFC 6749 §4.1.2, S21)', async () => {
    const code = await aCode(pod, client)
    const answers = await atOnce(16, () => exchanged(code))
    const winner = answers.find(({ status }) => status === 200)
    expect(await isLive(winner?.body.access_token ?? '')).toBe(false)
    expect(await liveLeaves()).toBe(0)
  })

  test('12 refreshes of one token: all get the same successor, and one leaf lives (S36, S37)', async () => {
    const { refresh_token } = await someTokens(pod, client)
    const answers = await atOnce(12, () => refreshed(refresh_token))
    expect(outcomes(answers)).toEqual({ 200: 12 })
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
    expect(await liveLeaves()).toBe(1)
    const live = await Promise.all(answers.map(({ body }) => isLive(body.access_token)))
    expect(live.filter(Boolean)).toHaveLength(1)
    expect((await refreshed(answers[0]?.body.refresh_token ?? '')).status).toBe(200)
  })

  test('refreshes of a token and of its successor: never two live leaves, no server error (S36)', async () => {
    const first = await someTokens(pod, client)
    const next = await refreshed(first.refresh_token)
    const tokens = [first.refresh_token, next.body.refresh_token]
    const answers = await Promise.all([...tokens, ...tokens, ...tokens, ...tokens].map(refreshed))
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(await liveLeaves()).toBeLessThanOrEqual(1)
  })

  test('refreshes and revocations: whoever wins, the tokens are dead, and no server error (S36, S40)', async () => {
    const families = await Promise.all(Array.from({ length: 20 }, () => someTokens(pod, client)))
    const answers = await Promise.all(
      families.map(async ({ refresh_token }) => [
        ...(await Promise.all([refreshed(refresh_token), post('revoke', { token: refresh_token })])),
      ]),
    )
    for (const [refresh, revocation] of answers) {
      expect(revocation?.status).toBe(200)
      expect([200, 400]).toContain(refresh?.status)
      if (refresh?.status === 200) expect(await isLive(refresh.body.access_token)).toBe(false)
    }
    expect(await pod.db.token.count()).toBe(0)
  })

  test('refreshes, exchanges and the end of the grant: no server error, and nothing is left (S45)', async () => {
    const user = await aUser(pod.db)
    const [codes, families] = [
      await Promise.all(Array.from({ length: 10 }, () => aCode(pod, client, { user }))),
      await Promise.all(Array.from({ length: 10 }, () => someTokens(pod, client, { user }))),
    ]
    const requests = [...codes.map((code) => exchanged(code)), ...families.map((one) => refreshed(one.refresh_token))]
    const [answers] = await Promise.all([Promise.all(requests), pod.db.grant.deleteMany()])
    expect(answers.filter(({ status }) => status !== 200 && status !== 400)).toEqual([])
    expect(await pod.db.token.count()).toBe(0)
  })

  test('tokens for a client that is being deleted: no server error', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => aClient(pod.db)))
    const request = (one: Registered) => postTo(pod.url, one, 'token', { grant_type: 'client_credentials' })
    const [answers] = await Promise.all([Promise.all(clients.map(request)), pod.db.client.deleteMany()])
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  })
})

interface Answer {
  status: number
  body: Tokens & { error?: string }
}

async function postTo(url: string, { client, secret }: Registered, endpoint: string, parameters: Changes) {
  const response = await fetch(`${url}/api/v1/oauth/${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: formOf({ client_id: client.clientId, client_secret: secret, ...parameters }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) } as Answer
}

function atOnce(count: number, act: () => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, act))
}

/** How often each outcome came: the error where there is one, else the status. */
function outcomes(answers: Answer[]): Record<string, number> {
  const keys = answers.map(({ status, body }) => body.error ?? String(status))
  return Object.fromEntries([...new Set(keys)].map((key) => [key, keys.filter((one) => one === key).length]))
}

async function podOnEmbedded(): Promise<RacingPod> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  const embedded = await startEmbeddedDatabase({ dataDir: join(folder, 'data'), template: await embeddedTemplate() })
  await migrateDatabase(embedded.connection)
  const db = openDatabase(embedded.connection)
  const pod = await podOn(db)
  const url = await pod.app.listen({ host: '127.0.0.1', port: 0 })
  const close = async () => {
    await pod.close()
    await closeDatabase(db)
    await embedded.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { ...pod, url, close }
}

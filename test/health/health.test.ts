import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { createReadiness } from '../../src/health/readiness.ts'
import { podOn, type TestApp, testApp } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'

let pod: TestApp

beforeAll(async () => {
  pod = await testApp({ throttlingEnabled: true })
})
afterAll(() => pod.close())

const nowhere = { url: 'postgresql://nobody@127.0.0.1:1/nothing' }

test('a pod that runs says so, and that it is ready', async () => {
  for (const url of ['/health/live', '/health/ready']) {
    const answer = await pod.app.inject({ url })
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }])
    expect(answer.headers['cache-control']).toBe('no-store')
  }
})

test('who asks after its health is never refused for asking too often, and told the limits all the same', async () => {
  const remaining = async () => (await pod.app.inject({ url: '/health/live' })).headers['x-ratelimit-remaining']
  const before = await remaining()
  for (let times = 0; times < 50; times++) await remaining()
  expect(await remaining()).toBe(before)
  expect(before).toBeDefined()
})

test('without its database a pod is alive and not ready (S84)', async () => {
  const lost = await podOn(await testDatabase())
  const app = lost.app
  lost.services.readiness = createReadiness(openDatabase(nowhere))
  const ready = await app.inject({ url: '/health/ready' })
  expect([ready.statusCode, ready.json()]).toEqual([503, { detail: 'The database cannot be used.' }])
  expect(Number(ready.headers['retry-after'])).toBeGreaterThan(0)
  expect((await app.inject({ url: '/health/live' })).statusCode).toBe(200)
  await app.close()
})

test('a database that lacks migrations of this release is not ready, one that is newer is', async () => {
  const { db } = pod
  const [first] = await db.$queryRaw<{ name: string }[]>`SELECT migration_name AS name FROM _prisma_migrations LIMIT 1`
  const markRolledBack = (at: Date | null) =>
    db.$executeRaw`UPDATE _prisma_migrations SET rolled_back_at = ${at} WHERE migration_name = ${first?.name}`
  await markRolledBack(new Date())
  await expect(createReadiness(db).require()).rejects.toMatchObject({ status: 503 })
  await markRolledBack(null)
  await db.$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at)
    VALUES ('newer', '', '99999999999999_newer', ${new Date()}, ${new Date()})`
  await expect(createReadiness(db).require()).resolves.toBeUndefined()
  await db.$executeRaw`DELETE FROM _prisma_migrations WHERE id = 'newer'`
})

test('a pod that closes is not ready', async () => {
  const closing = await podOn(await testDatabase())
  closing.services.readiness.close()
  const answer = await closing.app.inject({ url: '/health/ready' })
  expect([answer.statusCode, answer.json().detail]).toEqual([503, 'The server is closing.'])
  await closing.app.close()
})

test('any number of questions within a second asks the database once', async () => {
  vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  const look = vi.spyOn(pod.db, '$queryRaw')
  const readiness = createReadiness(pod.db)
  await Promise.all(Array.from({ length: 20 }, () => readiness.require()))
  await readiness.require()
  expect(look).toHaveBeenCalledTimes(1)
})

beforeEach(() => {
  vi.restoreAllMocks()
})

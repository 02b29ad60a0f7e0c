import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import {
  closeDatabase,
  type DatabaseClient,
  isDatabaseUnavailable,
  isForeignKeyViolation,
  isUniqueViolation,
  openDatabase,
} from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/migrations.ts'
import { emptyDatabase, testDatabase, testDatabaseLocation } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'

const now = new Date('2026-01-02T03:04:05.678Z')
const onPostgres = inject('testDatabaseSource').kind === 'postgres'
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

let db: DatabaseClient
beforeAll(async () => {
  db = await testDatabase()
})
beforeEach(() => emptyDatabase(db))

describe('errors of constraints', () => {
  const client = { clientId: 'a', name: 'A', origin: 'funkwhale' as const, createdAt: now, updatedAt: now }

  test('a duplicate is recognised from models and from raw SQL', async () => {
    await db.client.create({ data: client })
    const errors = [
      await rejection(db.client.create({ data: client })),
      await rejection(db.$executeRaw`INSERT INTO clients SELECT * FROM clients`),
      await rejection(db.$transaction((tx) => tx.$queryRaw`INSERT INTO clients SELECT * FROM clients RETURNING id`)),
    ]
    expect(errors.map(isUniqueViolation)).toEqual([true, true, true])
    expect(errors.some(isForeignKeyViolation)).toBe(false)
    expect(errors.some(isDatabaseUnavailable)).toBe(false)
  })

  test('a missing row is recognised from models and from raw SQL', async () => {
    const orphan = { userId: 1, clientId: 1, createdAt: now, updatedAt: now }
    const errors = [
      await rejection(db.grant.create({ data: orphan })),
      await rejection(
        db.$executeRaw`INSERT INTO grants (user_id, client_id, created_at, updated_at) VALUES (1, 1, ${now}, ${now})`,
      ),
    ]
    expect(errors.map(isForeignKeyViolation)).toEqual([true, true])
    expect(errors.some(isUniqueViolation)).toBe(false)
  })

  test('a lost connection is recognised as the driver tells of it, when Prisma lets that through', () => {
    const lost = new DriverAdapterError({ kind: 'ConnectionClosed' })
    const shutDown = new DriverAdapterError({
      kind: 'postgres',
      originalCode: '57P01',
      code: '57P01',
      severity: 'FATAL',
      message: 'terminating connection due to administrator command',
      detail: undefined,
      column: undefined,
      hint: undefined,
    })
    const defect = new DriverAdapterError({ kind: 'TableDoesNotExist', table: 'nowhere' })
    expect([lost, shutDown, defect].map(isDatabaseUnavailable)).toEqual([true, true, false])
  })

  test('a defect in a statement is not taken for an unavailable database', async () => {
    const errors = [
      await rejection(db.$queryRaw`SELECT * FROM nowhere`),
      await rejection(db.$queryRaw`SELEC`),
      new Error(),
    ]
    expect(errors.some(isDatabaseUnavailable)).toBe(false)
  })
})

describe.skipIf(!onPostgres)('connections', () => {
  test('times are UTC whatever the server is set to, through models and raw SQL', async () => {
    const other = await openWith({ options: '-c TimeZone=Asia/Tokyo' })
    await other.podSecret.create({ data: { name: 'test', value: Buffer.from(''), createdAt: now } })
    const [row] = await other.$queryRaw<unknown[]>`
      SELECT created_at = ${now}::timestamptz AS same, extract(epoch FROM created_at)::text AS seconds
        FROM pod_secrets WHERE name = 'test'`
    expect(row).toEqual({ same: true, seconds: '1767323045.678000' })
    expect(await other.podSecret.delete({ where: { name: 'test' } })).toMatchObject({ createdAt: now })
    await closeDatabase(other)
  })

  test('parameters of Prisma in the URL work: schema, connection_limit, pool_timeout', async () => {
    const one = await openWith({
      schema: 'pg_catalog',
      connection_limit: '1',
      pool_timeout: '1',
      statement_timeout: '7000',
    })
    expect(
      await one.$queryRaw`SELECT current_schema()::text AS schema, current_setting('statement_timeout') AS timeout`,
    ).toEqual([{ schema: 'pg_catalog', timeout: '7s' }])
    const errors = await Promise.all([
      rejection(one.$queryRaw`SELECT pg_sleep(1.5)::text`),
      rejection(one.$queryRaw`SELECT 1`),
      rejection(one.$transaction((tx) => tx.$queryRaw`SELECT 1`)),
    ])
    expect(errors.map(isDatabaseUnavailable)).toEqual([false, true, true])
    await closeDatabase(one)
  })

  test('statements are named, except behind PgBouncer', async () => {
    const count = `SELECT count(*)::int AS count FROM pg_prepared_statements`
    for (const [pgbouncer, expected] of [
      ['false', 1],
      ['true', 0],
    ] as const) {
      const other = await openWith({ pgbouncer, connection_limit: '1' })
      await other.user.count()
      expect(await other.$queryRawUnsafe(count)).toEqual([{ count: expected + (expected && 1) }])
      await closeDatabase(other)
    }
  })

  test('every statement can be counted, those of transactions included', async () => {
    const seen: string[] = []
    const other = openDatabase(await testDatabaseLocation(), { onStatement: (sql) => seen.push(sql) })
    await other.$transaction((tx) => tx.$queryRaw`SELECT 1`)
    expect(seen).toEqual(['BEGIN', 'SELECT 1', 'COMMIT'])
    await closeDatabase(other)
  })
})

async function openWith(parameters: Record<string, string>): Promise<DatabaseClient> {
  const location = await testDatabaseLocation()
  const url = new URL('url' in location ? location.url : '')
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return openDatabase({ url: url.href })
}

/** Models, raw SQL and transactions, since each shows an error in its own way. */
async function errorsOf(client: DatabaseClient): Promise<unknown[]> {
  return [
    await rejection(client.user.count()),
    await rejection(client.$queryRaw`SELECT 1`),
    await rejection(client.$transaction((tx) => tx.user.count())),
  ]
}

describe('an unavailable database', () => {
  test.each([
    ['a port where nobody listens', 'postgresql://whale@127.0.0.1:1/sea'],
    ['a name without an address', 'postgresql://whale@nowhere.invalid/sea'],
    ['a socket that is not there', 'postgresql://whale@localhost/sea?host=/nowhere'],
  ])('%s', async (_, url) => {
    const client = openDatabase({ url })
    expect((await errorsOf(client)).map(isDatabaseUnavailable)).toEqual([true, true, true])
    await closeDatabase(client)
  })

  test.skipIf(!onPostgres)('a lock, a read-only transaction and an ended connection', async () => {
    const errors = [
      await rejection(
        db.$transaction(async (tx) => {
          await tx.$executeRaw`LOCK TABLE users`
          await db.$transaction([db.$executeRaw`SET LOCAL lock_timeout = 50`, db.$executeRaw`LOCK TABLE users`])
        }),
      ),
      await rejection(db.$transaction([db.$executeRaw`SET TRANSACTION READ ONLY`, db.session.deleteMany()])),
      await rejection(
        db.$transaction([db.$executeRaw`SET LOCAL statement_timeout = 50`, db.$queryRaw`SELECT pg_sleep(1)`]),
      ),
      await rejection(db.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`),
    ]
    expect(errors.map(isDatabaseUnavailable)).toEqual([true, true, true, true])
    expect(await db.user.count()).toBe(0)
  })

  test.skipIf(!onPostgres)('a server that stops while it works and stays away', { timeout: 60_000 }, async () => {
    const cluster = await startPostgres()
    const url = cluster?.url('postgres') ?? ''
    await migrateDatabase({ url })
    const client = openDatabase({ url })
    const sleeping = rejection(client.$queryRaw`SELECT pg_sleep(20)::text`)
    await client.user.count()
    await cluster?.stop()
    expect([await sleeping, ...(await errorsOf(client))].map(isDatabaseUnavailable)).toEqual([true, true, true, true])
    await closeDatabase(client)
  })
})

afterAll(() => emptyDatabase(db))

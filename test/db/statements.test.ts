import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { closeDatabase, type DatabaseClient, isDatabaseUnavailable, openDatabase } from '../../src/db/database.ts'
import { execute, query } from '../../src/db/statements.ts'
import { emptyDatabase, testDatabase, testDatabaseLocation } from '../support/database.ts'

const onPostgres = inject('testDatabaseSource').kind === 'postgres'

let db: DatabaseClient
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => emptyDatabase(db))

const rejection = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

describe('statements that do not go through Prisma', () => {
  test('take and give the same values as those that do', async () => {
    const at = new Date('2026-02-03T04:05:06.789Z')
    const bytes = Uint8Array.from([0, 1, 255])
    const texts = ['a', 'with "quotes", \\ and {braces}', '']
    const big = 2n ** 60n
    const ask = (tag: typeof db.$queryRaw) => tag<Record<string, unknown>[]>`
      SELECT ${at}::timestamptz AS at, ${bytes}::bytea AS bytes, ${texts}::text[] AS texts, ${big}::int8 AS big,
        ${7}::int4 AS small, ${true}::bool AS yes, ${null}::text AS nothing, ${[] as string[]}::text[] AS empty`
    const [direct] = await ask(query(db) as typeof db.$queryRaw)
    const [through] = await ask(db.$queryRaw.bind(db))
    expect(direct).toEqual({ at, bytes, texts, big, small: 7, yes: true, nothing: null, empty: [] })
    expect(through).toEqual(direct)
  })

  test('tell how many rows they have written', async () => {
    const at = new Date()
    const insert = (hash: number) =>
      execute(db)`INSERT INTO login_failures (account_key, failed_at) VALUES (${Uint8Array.from([hash])}, ${at})`
    expect([await insert(1), await insert(2)]).toEqual([1, 1])
    expect(await execute(db)`DELETE FROM login_failures WHERE failed_at = ${at}`).toBe(2)
    expect(await execute(db)`DELETE FROM login_failures WHERE failed_at = ${at}`).toBe(0)
  })

  test('belong to the transaction that they are given', async () => {
    const name = 'undone'
    const undone = rejection(
      db.$transaction(async (tx) => {
        const at = new Date()
        const [row] = await query<{ id: number }>(tx)`
          INSERT INTO clients (client_id, name, origin, created_at, updated_at)
          VALUES (${name}, ${name}, 'dynamic', ${at}, ${at}) RETURNING id`
        expect(row).toBeDefined()
        expect(await execute(tx)`UPDATE clients SET website = '' WHERE client_id = ${name}`).toBe(1)
        expect(await query(db)`SELECT id FROM clients WHERE client_id = ${name}`).toEqual([])
        throw new Error('Undo it')
      }),
    )
    expect(await undone).toMatchObject({ message: 'Undo it' })
    expect(await db.client.count({ where: { clientId: name } })).toBe(0)
  })

  test.runIf(onPostgres)('are named, except behind PgBouncer', async () => {
    for (const [pgbouncer, expected] of [
      ['false', 1],
      ['true', 0],
    ] as const) {
      const other = await openWith({ pgbouncer, connection_limit: '1' })
      await query(other)`SELECT 1`
      const [row] = await other.$queryRawUnsafe<[{ count: number }]>(
        `SELECT count(*)::int AS count FROM pg_prepared_statements WHERE statement = 'SELECT 1'`,
      )
      expect(row.count).toBe(expected)
      await closeDatabase(other)
    }
  })

  test('can be counted', async () => {
    const seen: string[] = []
    const other = openDatabase(await testDatabaseLocation(), { onStatement: (sql) => seen.push(sql) })
    await query(other)`SELECT ${1}::int AS one`
    await execute(other)`SELECT 1`
    expect(seen).toEqual(['SELECT $1::int AS one', 'SELECT 1'])
    await closeDatabase(other)
  })

  test.each([
    ['a port where nobody listens', 'postgresql://whale@127.0.0.1:1/sea'],
    ['a name without an address', 'postgresql://whale@nowhere.invalid/sea'],
    ['a socket that is not there', 'postgresql://whale@localhost/sea?host=/nowhere'],
  ])('say when the database is away: %s', async (_, url) => {
    const client = openDatabase({ url })
    expect(isDatabaseUnavailable(await rejection(query(client)`SELECT 1`))).toBe(true)
    await closeDatabase(client)
    expect(isDatabaseUnavailable(await rejection(query(client)`SELECT 1`))).toBe(true)
  })

  test.runIf(onPostgres)('say when their connection has ended, and take another', async () => {
    const other = await openWith({ connection_limit: '1' })
    const ended = await rejection(query(other)`SELECT pg_terminate_backend(pg_backend_pid())`)
    expect(isDatabaseUnavailable(ended)).toBe(true)
    expect(await query(other)`SELECT 1 AS one`).toEqual([{ one: 1 }])
    await closeDatabase(other)
  })

  test('a connection that is lost while nothing is asked ends nobody', { timeout: 20_000 }, async () => {
    const lost: Error[] = []
    const other = openDatabase(await testDatabaseLocation(), { onConnectionLost: (error) => lost.push(error) })
    if (!onPostgres) return closeDatabase(other)
    const [row] = await query<{ pid: number }>(other)`SELECT pg_backend_pid() AS pid`
    await db.$queryRaw`SELECT pg_terminate_backend(${row?.pid}::int)`
    await expect.poll(() => lost.length).toBe(1)
    expect(await query(other)`SELECT 1 AS one`).toEqual([{ one: 1 }])
    await closeDatabase(other)
  })

  test('what is wrong with the statement itself is no such reason', async () => {
    const error = await rejection(query(db)`SELECT missing FROM clients`)
    expect(error).toMatchObject({ code: '42703' })
    expect(isDatabaseUnavailable(error)).toBe(false)
  })
})

async function openWith(parameters: Record<string, string>): Promise<DatabaseClient> {
  const location = await testDatabaseLocation()
  const url = new URL('url' in location ? location.url : '')
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return openDatabase({ url: url.href })
}

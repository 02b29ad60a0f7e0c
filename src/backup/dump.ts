import pg from 'pg'
import type { Database, DatabaseClient } from '../db/database.ts'
import type { Manifest, Table } from './manifest.ts'

/** Rows that are read, and later written, at a time. */
const rowsAtOnce = 500
const longestMs = 24 * 60 * 60 * 1000

export type Contents = Pick<Manifest, 'migrations' | 'tables' | 'sequences'>

/** Works on the database as it is at one moment, whatever others write meanwhile. */
export function inOneMoment<Result>(db: DatabaseClient, work: (db: Database) => Promise<Result>): Promise<Result> {
  return db.$transaction(
    async (transaction) => {
      await transaction.$executeRaw`SELECT set_config('statement_timeout', '0', true),
        set_config('idle_in_transaction_session_timeout', '0', true), set_config('TimeZone', 'UTC', true)`
      return work(transaction)
    },
    { isolationLevel: 'RepeatableRead', timeout: longestMs, maxWait: 60_000 },
  )
}

/** What there is to back up: all tables but the books of migrations, which restoring writes itself. */
export async function listContents(db: Database): Promise<Contents> {
  const migrations = await db.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS name FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`
  const tables = await db.$queryRaw<Table[]>`
    SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> '_prisma_migrations'
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname`
  const sequences = await db.$queryRaw<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'
    ORDER BY relname`
  return {
    migrations: migrations.map(({ name }) => name),
    tables,
    sequences: await Promise.all(sequences.map(({ name }) => readSequence(db, name))),
  }
}

async function readSequence(db: Database, name: string): Promise<Manifest['sequences'][number]> {
  const sql = `SELECT last_value::text AS value, is_called AS "isCalled" FROM ${pg.escapeIdentifier(name)}`
  const [row] = await db.$queryRawUnsafe<{ value: string; isCalled: boolean }[]>(sql)
  return { name, value: row?.value ?? '1', isCalled: row?.isCalled ?? false }
}

/**
 * The rows of a table, some at a time: each a JSON array of PostgreSQL's own texts for the columns, which say the same
 * to every PostgreSQL.
 */
export async function* dumpRows(db: Database, { name, columns }: Table): AsyncGenerator<string[]> {
  const texts = columns.map((column) => `${pg.escapeIdentifier(column)}::text`)
  const rows = `SELECT to_json(ARRAY[${texts.join(', ')}])::text AS row FROM ${pg.escapeIdentifier(name)}`
  await db.$executeRawUnsafe(`DECLARE dump NO SCROLL CURSOR FOR ${rows}`)
  try {
    for (;;) {
      const batch = await db.$queryRawUnsafe<{ row: string }[]>(`FETCH ${rowsAtOnce} FROM dump`)
      if (batch.length === 0) return
      yield batch.map(({ row }) => row)
    }
  } finally {
    await db.$executeRawUnsafe('CLOSE dump')
  }
}

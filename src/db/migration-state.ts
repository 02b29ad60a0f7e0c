import pg from 'pg'
import { planConnection } from './connection.ts'
import type { Database } from './database.ts'
import { migrationNames } from './migration-files.ts'
import { shippedMigrations } from './migrations.ts'
import { openSharedBareStore, type StoreConfig } from './store.ts'

/** How many migrations of this release the database lacks. One that is newer lacks none. */
export async function missingMigrations(db: Database): Promise<number> {
  const names = await migrationNames(shippedMigrations)
  const [row] = await db.$queryRaw<{ applied: number }[]>`
    SELECT count(DISTINCT migration_name)::int AS applied FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL AND migration_name = ANY(${names})`
  return names.length - (row?.applied ?? 0)
}

export interface MigrationState {
  applied: string[]
  missing: string[]
  /** Of a newer release. */
  unknown: string[]
}

/** What the database has and lacks. */
export async function readMigrationState(client: pg.Client): Promise<MigrationState> {
  const shipped = await migrationNames(shippedMigrations)
  const found = await appliedMigrations(client)
  return {
    applied: shipped.filter((name) => found.includes(name)),
    missing: shipped.filter((name) => !found.includes(name)),
    unknown: found.filter((name) => !shipped.includes(name)),
  }
}

/** Names of the migrations that were applied; none = nothing was ever migrated here. */
export async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`)
  if (!rows[0].found) return []
  const books = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  )
  return books.rows.map(({ name }) => name)
}

/** One connection to the database as it is, without migrating it. A running pod shares its embedded database. */
export async function withBareClient<Result>(
  config: StoreConfig,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const store = await openSharedBareStore(config, { purpose: 'pod command' })
  try {
    const { client: plan, schema } = planConnection(store.location)
    const client = new pg.Client(plan)
    client.on('error', () => undefined)
    await client.connect()
    try {
      await client.query(`SET search_path = ${pg.escapeIdentifier(schema)}`)
      return await work(client)
    } finally {
      await client.end()
    }
  } finally {
    await store.close()
  }
}

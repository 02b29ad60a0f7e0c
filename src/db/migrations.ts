import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type ConnectionPlan, type DatabaseLocation, planConnection } from './connection.ts'
import { isDatabaseUnavailable } from './database.ts'
import { type Migration, readMigrations } from './migration-files.ts'
import { migrationTexts as texts } from './migration-texts.ts'

/** The database cannot be brought to this release; the message is for the admin. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

export interface MigrationOptions {
  /** Folder of folders that each hold a migration.sql. */
  directory?: string
  log?: (message: string) => void
  /** Runs a migration again that failed, after its cause was removed. */
  retryFailed?: boolean
  /** Names of those to apply: an older release's. */
  only?: ReadonlySet<string>
}

/** A row of Prisma's table of migrations. */
interface Entry {
  name: string
  checksum: string
  finished: boolean
  rolledBack: boolean
  logs: string | null
}

/** The same place from src/db and from dist/db. */
export const shippedMigrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

/** Prisma's, so that its CLI and this runner wait for each other. */
const advisoryLock = 72707369
const longestWaitForLock = '10min'
const longestWaitForTables = '1min'

/**
 * Applies what is missing and returns its names. Keeps Prisma's books: `prisma migrate deploy` finds nothing to do
 * afterwards, and the other way round. Several processes may do it at once.
 */
export async function migrateDatabase(location: DatabaseLocation, options: MigrationOptions = {}): Promise<string[]> {
  const directory = options.directory ?? shippedMigrations
  const all = await readMigrations(directory)
  const migrations = all.filter(({ name }) => options.only?.has(name) ?? true)
  if (migrations.length === 0) throw new MigrationError(texts.noMigrations(directory))
  const plan = planConnection(location)
  const client = await connect(plan)
  try {
    if (isUpToDate(migrations, await readBooks(client))) return []
    if (plan.kind === 'pgbouncer') throw new MigrationError(texts.pgbouncer)
    return await withLock(client, options, () => applyMissing(client, plan.schema, migrations, options))
  } catch (error) {
    const denied = error instanceof pg.DatabaseError && error.code === '42501'
    throw denied ? new MigrationError(texts.notAllowed(error.message), { cause: error }) : error
  } finally {
    await client.end()
  }
}

async function connect({ client: config, kind, schema }: ConnectionPlan): Promise<pg.Client> {
  const client = new pg.Client(config)
  // A lost connection fails the query as well; without a listener it would also end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    throw new MigrationError(texts.unreachable(reasonOf(error)), { cause: error })
  }
  if (kind !== 'pgbouncer') {
    await client.query(`SET search_path = ${pg.escapeIdentifier(schema)}; SET statement_timeout = 0`)
  }
  return client
}

function reasonOf(error: unknown): string {
  // Node's error for a name with several addresses has no text of its own.
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error ? first.message : String(first)
}

/** Undefined = nothing was ever migrated here. */
async function readBooks(client: pg.Client): Promise<Entry[] | undefined> {
  const { rows } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`)
  if (!rows[0].found) return undefined
  const books = await client.query<Entry>(
    `SELECT migration_name AS name, checksum, logs,
            finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS "rolledBack"
       FROM _prisma_migrations ORDER BY started_at`,
  )
  return books.rows.filter((entry) => !entry.rolledBack)
}

function isUpToDate(migrations: Migration[], books: Entry[] | undefined): boolean {
  if (books === undefined) return false
  return missingFrom(books, migrations).length === 0 && books.every((entry) => entry.finished)
}

/** Refuses a database that this release does not understand. */
function missingFrom(books: Entry[], migrations: Migration[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]))
  const unknown = books.filter((entry) => !byName.has(entry.name))
  if (unknown.length > 0) throw new MigrationError(texts.newer(unknown.map((entry) => entry.name)))
  const applied = new Set<string>()
  for (const { name, checksum, finished } of books) {
    if (!finished) continue
    if (byName.get(name)?.checksum !== checksum) throw new MigrationError(texts.changed(name))
    applied.add(name)
  }
  return migrations.filter(({ name }) => !applied.has(name))
}

async function withLock<T>(client: pg.Client, { log }: MigrationOptions, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock(${advisoryLock}) AS locked`)
  if (!rows[0].locked) {
    log?.('Another process is migrating the database; waiting for it.')
    await client.query(`SET lock_timeout = '${longestWaitForLock}'; SELECT pg_advisory_lock(${advisoryLock})`)
  }
  try {
    await client.query(`SET lock_timeout = '${longestWaitForTables}'`)
    return await work()
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${advisoryLock})`).catch(() => undefined)
  }
}

async function applyMissing(
  client: pg.Client,
  schema: string,
  migrations: Migration[],
  { log, retryFailed = false }: MigrationOptions,
): Promise<string[]> {
  const books = (await readBooks(client)) ?? (await openBooks(client, schema))
  const missing = missingFrom(books, migrations)
  for (const entry of books) if (!entry.finished) await clear(client, entry, retryFailed)
  for (const migration of missing) {
    log?.(`Migrating the database: ${migration.name}`)
    await apply(client, migration)
  }
  return missing.map(({ name }) => name)
}

/** An entry without logs is of a process that ended in the middle: PostgreSQL has undone what it did. */
async function clear(client: pg.Client, { name, logs }: Entry, retryFailed: boolean): Promise<void> {
  if (logs !== null && !retryFailed) throw new MigrationError(texts.failedEarlier(name, logs))
  const where = 'migration_name = $2 AND finished_at IS NULL AND rolled_back_at IS NULL'
  await client.query(`UPDATE _prisma_migrations SET rolled_back_at = $1 WHERE ${where}`, [new Date(), name])
}

/** The table of Prisma, to the letter. */
async function openBooks(client: pg.Client, schema: string): Promise<Entry[]> {
  const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
  if (found.rowCount === 0) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`)
  await refuseForeignTables(client)
  await client.query(
    `CREATE TABLE _prisma_migrations (
       id                  VARCHAR(36) PRIMARY KEY NOT NULL,
       checksum            VARCHAR(64) NOT NULL,
       finished_at         TIMESTAMPTZ,
       migration_name      VARCHAR(255) NOT NULL,
       logs                TEXT,
       rolled_back_at      TIMESTAMPTZ,
       started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
       applied_steps_count INTEGER NOT NULL DEFAULT 0
     )`,
  )
  return []
}

async function refuseForeignTables(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
      LIMIT 1`,
  )
  if (rowCount !== 0) throw new MigrationError(texts.foreignTables)
}

/** One simple query is one transaction: the file and the note that it is done stand or fall together. */
async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  const entry = 'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, $4)'
  await client.query(entry, [id, checksum, name, new Date()])
  const done = `SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = '${id}'`
  try {
    await client.query(`${sql}\n;\nUPDATE _prisma_migrations ${done}`)
  } catch (error) {
    throw await recordFailure(client, id, name, error)
  }
}

/** Trouble of the moment is no failure of the migration: the next start tries again. */
async function recordFailure(client: pg.Client, id: string, name: string, error: unknown): Promise<MigrationError> {
  const temporary = isDatabaseUnavailable(error)
  const why = reasonOf(error)
  const record = 'UPDATE _prisma_migrations SET logs = $1, rolled_back_at = $2 WHERE id = $3'
  await client
    .query('ROLLBACK')
    .then(() => client.query(record, [why, temporary ? new Date() : null, id]))
    .catch(() => undefined)
  return new MigrationError(temporary ? texts.interrupted(name, why) : texts.failed(name, why), { cause: error })
}

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { DatabaseLocation } from '../../src/db/connection.ts'
import { type Database, type DatabaseClient, openDatabase } from '../../src/db/database.ts'
import { startEmbeddedDatabase } from '../../src/db/embedded/embedded-database.ts'
import { Prisma } from '../../src/db/generated/client.ts'
import type { TestDatabaseSource } from './global-setup.ts'
import { runSql, withDatabase } from './sql.ts'

let client: Promise<DatabaseClient> | undefined
let deleteAll: Promise<string> | undefined

/** The database of this test worker, which every test file in it shares: a migrated one of its own. */
export function testDatabase(): Promise<DatabaseClient> {
  client ??= testDatabaseLocation().then((location) => openDatabase(location))
  return client
}

let location: Promise<DatabaseLocation> | undefined

/** For tests that need a connection besides the one of `testDatabase`. */
export function testDatabaseLocation(): Promise<DatabaseLocation> {
  location ??= copyTemplate(inject('testDatabaseSource'))
  return location
}

async function copyTemplate(source: TestDatabaseSource): Promise<DatabaseLocation> {
  if (source.kind === 'embedded') {
    const dataDir = join(source.folder, `worker-${process.pid}`)
    await cp(join(source.folder, 'template'), dataDir, { recursive: true })
    return (await startEmbeddedDatabase({ dataDir })).connection
  }
  const name = `${source.template}_${process.pid}`
  await runSql(source.url, `CREATE DATABASE ${name} TEMPLATE ${source.template}`)
  return { url: withDatabase(source.url, name) }
}

/** For before each test: the rows of all tables go, in one statement. */
export async function emptyDatabase(db: Database): Promise<void> {
  deleteAll ??= statementToEmpty(db)
  await db.$executeRawUnsafe(await deleteAll)
}

/** Foreign keys are checked when the whole statement is done, so the order does not matter. */
async function statementToEmpty(db: Database): Promise<string> {
  const tables = await db.$queryRaw<{ name: string }[]>(Prisma.sql`
    SELECT quote_ident(tablename) AS name FROM pg_tables
    WHERE schemaname = current_schema() AND tablename NOT IN ('_prisma_migrations', 'pod_secrets')`)
  const deletions = tables.map(({ name }, index) => `d${index} AS (DELETE FROM ${name})`)
  return `WITH ${deletions.join(', ')} SELECT 1`
}

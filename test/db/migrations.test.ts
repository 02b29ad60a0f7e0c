import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { startEmbeddedDatabase } from '../../src/db/embedded/embedded-database.ts'
import { MigrationError, migrateDatabase } from '../../src/db/migrations.ts'
import { runSql, withDatabase } from '../support/sql.ts'

const shipped = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
const source = inject('testDatabaseSource')

let directory: string
let url: string
let databases = 0

/** A name for an empty database, which goes with the other databases of this run. */
function nextUrl(): string {
  databases += 1
  return source.kind === 'postgres' ? withDatabase(source.url, `${source.template}_migrations_${databases}`) : ''
}

async function createDatabase(at: string): Promise<string> {
  await runSql(withDatabase(at, 'postgres'), `CREATE DATABASE ${new URL(at).pathname.slice(1)}`)
  return at
}

function withParameter(at: string, name: string, value: string): string {
  const changed = new URL(at)
  changed.searchParams.set(name, value)
  return changed.href
}

const query = (sql: string) => runSql(url, sql)

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true })
  await writeFile(join(directory, name, 'migration.sql'), sql)
}

const migrate = (at = url) => migrateDatabase({ url: at }, { directory })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'baleen-migrations-'))
  await write('1_whales', 'CREATE TABLE whales (id INT);')
})
afterEach(() => rm(directory, { recursive: true }))

describe.skipIf(source.kind !== 'postgres')('migrating PostgreSQL', () => {
  beforeEach(async () => {
    url = await createDatabase(nextUrl())
  })

  test('applies what is missing, in order, and finds nothing to do the next time', async () => {
    await write('2_names', `ALTER TABLE whales ADD name TEXT DEFAULT ';'; -- the end`)
    expect(await migrate()).toEqual(['1_whales', '2_names'])
    expect(await migrate()).toEqual([])
    await write('3_ages', 'ALTER TABLE whales ADD age INT')
    expect(await migrate()).toEqual(['3_ages'])
    await query(`INSERT INTO whales (age) VALUES (1)`)
    expect(await query('SELECT * FROM whales')).toEqual([{ id: null, name: ';', age: 1 }])
  })

  test('several processes may do it at once: each migration is applied once', async () => {
    await write('2_slow', 'SELECT pg_sleep(0.3); CREATE TABLE calves (id INT);')
    const applied = await Promise.all([migrate(), migrate(), migrate()])
    expect(applied.flat()).toEqual(['1_whales', '2_slow'])
    expect(await query('SELECT FROM _prisma_migrations')).toHaveLength(2)
  })

  test('the shipped migrations make the tables of the schema', async () => {
    await migrateDatabase({ url })
    expect(await query('SELECT * FROM users')).toEqual([])
  })

  test('refuses a database that a newer release has migrated', async () => {
    await write('2_future', 'SELECT 1')
    await migrate()
    await rm(join(directory, '2_future'), { recursive: true })
    await expect(migrate()).rejects.toThrow(/newer than this Baleen: it has 2_future/)
  })

  test('refuses when a file has changed after it was applied', async () => {
    await migrate()
    await write('1_whales', 'CREATE TABLE whales (id BIGINT);')
    await expect(migrate()).rejects.toThrow(/1_whales is not the one that was applied/)
  })

  test('undoes a migration that fails, keeps why, and refuses until that is resolved', async () => {
    await write('2_broken', 'CREATE TABLE calves (id INT); SELECT 1 / 0;')
    await expect(migrate()).rejects.toThrow(
      /2_broken failed and was undone.*resolve --rolled-back 2_broken.*division by zero/s,
    )
    expect(await query(`SELECT to_regclass('calves') AS calves`)).toEqual([{ calves: null }])
    expect(await query('SELECT logs, finished_at FROM _prisma_migrations WHERE finished_at IS NULL')).toEqual([
      { logs: 'division by zero', finished_at: null },
    ])

    await write('2_broken', 'CREATE TABLE calves (id INT);')
    await expect(migrate()).rejects.toThrow(/2_broken failed earlier.*division by zero/s)
    expect(await migrateDatabase({ url }, { directory, retryFailed: true })).toEqual(['2_broken'])
    expect(await migrate()).toEqual([])
  })

  test('tries again what was interrupted by the end of the process', async () => {
    await migrate()
    await query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('00000000-0000-4000-8000-000000000000', '', '2_calves')`,
    )
    await write('2_calves', 'CREATE TABLE calves (id INT);')
    expect(await migrate()).toEqual(['2_calves'])
    expect(await migrate()).toEqual([])
  })

  test('tries again what was interrupted by the server', async () => {
    await write('2_calves', 'CREATE TABLE calves (id INT); SELECT pg_terminate_backend(pg_backend_pid());')
    await expect(migrate()).rejects.toThrow(/2_calves was interrupted and undone. Start again./)
    await write('2_calves', 'CREATE TABLE calves (id INT);')
    expect(await migrate()).toEqual(['2_calves'])
  })

  test('refuses a database with tables of somebody else, and leaves it alone', async () => {
    await query('CREATE TABLE strangers (id INT)')
    await expect(migrate()).rejects.toThrow(MigrationError)
    expect(await query(`SELECT to_regclass('_prisma_migrations') AS books`)).toEqual([{ books: null }])
  })

  test('migrates the schema that the URL names, and makes it', async () => {
    await query('CREATE TABLE strangers (id INT)')
    expect(await migrate(withParameter(url, 'schema', 'Sea'))).toEqual(['1_whales'])
    expect(await query('SELECT * FROM "Sea".whales')).toEqual([])
  })

  test('tells what a user lacks who may not create tables', async () => {
    await query(`CREATE ROLE visitor LOGIN PASSWORD 'visitor'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
    const visitor = new URL(url)
    visitor.username = visitor.password = 'visitor'
    await expect(migrate(visitor.href)).rejects.toThrow(/may not create tables.*CREATE/)
    await query('DROP ROLE visitor')
  })

  test('behind PgBouncer refuses to migrate, but starts when there is nothing to do', async () => {
    await expect(migrate(withParameter(url, 'pgbouncer', 'true'))).rejects.toThrow(/PgBouncer/)
    await migrate()
    expect(await migrate(withParameter(url, 'pgbouncer', 'true'))).toEqual([])
  })

  test('says that a server cannot be reached', async () => {
    await expect(migrate('postgresql://whale@localhost:1/sea')).rejects.toThrow(
      /cannot be reached: connect ECONNREFUSED/,
    )
  })

  test('an installation without migrations does not pass for an up-to-date database', async () => {
    await rm(join(directory, '1_whales'), { recursive: true })
    await expect(migrate()).rejects.toThrow(/There are no migrations/)
  })
})

describe.skipIf(source.kind !== 'postgres')('beside the Prisma CLI', () => {
  const prisma = async (...command: string[]) => {
    const cli = fileURLToPath(import.meta.resolve('prisma/package.json').replace('package.json', 'build/index.js'))
    const options = { env: { ...process.env, DATABASE_URL: url } }
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...command], options)
    return stdout
  }

  test('prisma migrate deploy finds nothing to do after us', { timeout: 60_000 }, async () => {
    url = await createDatabase(nextUrl())
    await migrateDatabase({ url })
    expect(await prisma('migrate', 'deploy')).toContain('No pending migrations to apply.')
    expect(await prisma('migrate', 'status')).toContain('Database schema is up to date!')
  })

  test('we find nothing to do after prisma migrate deploy, and keep the same books', { timeout: 60_000 }, async () => {
    url = nextUrl()
    expect(await prisma('migrate', 'deploy')).toContain('All migrations have been successfully applied.')
    expect(await migrateDatabase({ url })).toEqual([])
    const columns = `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
                       FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`
    const entries = `SELECT checksum, migration_name, logs, rolled_back_at, applied_steps_count FROM _prisma_migrations`
    const theirs = [await query(columns), await query(entries)]

    url = await createDatabase(nextUrl())
    await migrateDatabase({ url })
    expect([await query(columns), await query(entries)]).toEqual(theirs)
  })
})

test('migrates the embedded database', { timeout: 60_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'baleen-data-'))
  await cp(shipped, directory, { recursive: true })
  await rm(join(directory, '1_whales'), { recursive: true })
  const embedded = await startEmbeddedDatabase({ dataDir })
  expect(await migrateDatabase(embedded.connection, { directory })).not.toEqual([])
  expect(await migrateDatabase(embedded.connection, { directory })).toEqual([])
  await write('99_broken', 'CREATE TABLE calves (id INT); SELECT 1 / 0;')
  await expect(migrateDatabase(embedded.connection, { directory })).rejects.toThrow(/99_broken failed and was undone/)
  await write('99_broken', 'CREATE TABLE calves (id INT);')
  expect(await migrateDatabase(embedded.connection, { directory, retryFailed: true })).toEqual(['99_broken'])
  await embedded.close()
  await rm(dataDir, { recursive: true })
})

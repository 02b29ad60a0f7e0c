import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { closeDatabase, type DatabaseClient, openDatabase } from '../../../src/db/database.ts'
import { lockDataDir } from '../../../src/db/embedded/data-dir-lock.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../../src/db/embedded/embedded-database.ts'
import { embeddedConnection } from '../../../src/db/embedded/socket-folder.ts'
import { migrateDatabase } from '../../../src/db/migrations.ts'
import { embeddedFolder } from '../../support/embedded-template.ts'

async function start(options: { dataDir: string; template: string }): Promise<EmbeddedDatabase> {
  const embedded = await startEmbeddedDatabase(options)
  onTestFinished(() => embedded.close())
  return embedded
}

function open(embedded: Pick<EmbeddedDatabase, 'connection'>): DatabaseClient {
  const db = openDatabase(embedded.connection)
  onTestFinished(() => closeDatabase(db))
  return db
}

const aSecret = (name: string) => ({ name, value: Uint8Array.of(1, 2, 3), createdAt: new Date() })

test('a new data folder gets a database; what is committed there outlives a restart', async () => {
  const options = await embeddedFolder()
  const first = await start(options)
  expect(await migrateDatabase(first.connection)).not.toEqual([])
  expect(await migrateDatabase(first.connection)).toEqual([])
  const db = openDatabase(first.connection)
  await db.$transaction([db.podSecret.create({ data: aSecret('one') }), db.podSecret.create({ data: aSecret('two') })])
  const failing = db.$transaction(async (tx) => {
    await tx.podSecret.create({ data: aSecret('three') })
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  await closeDatabase(db)
  await first.close()
  expect(readdirSync(options.dataDir)).toEqual(['postgres'])

  const rows = await open(await start(options)).podSecret.findMany({ orderBy: { name: 'asc' } })
  expect(rows.map(({ name }) => name)).toEqual(['one', 'two'])
})

test('every row that was acknowledged survives kill -9; until then the folder is taken', {
  timeout: 60_000,
}, async () => {
  const { dataDir, template } = await embeddedFolder()
  const script = fileURLToPath(new URL('./holder.ts', import.meta.url))
  const holder = spawn(process.execPath, ['--import', 'tsx', script, dataDir, template], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(holder, 'exit')
  let committed = -1
  for await (const line of createInterface(holder.stdout)) {
    committed = Number(line)
    if (committed !== 50) continue
    expect(() => lockDataDir(dataDir, 'pod')).toThrow(`another pod (process ${holder.pid}) is using ${dataDir}`)
    const shared = openDatabase(await embeddedConnection(dataDir))
    expect(await shared.podSecret.count()).toBeGreaterThanOrEqual(50)
    await closeDatabase(shared)
    holder.kill('SIGKILL')
  }
  await exit

  const lock = lockDataDir(dataDir, 'pod')
  onTestFinished(() => lock.release())
  const db = open(await start({ dataDir, template }))
  const names = (await db.podSecret.findMany()).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(Array.from({ length: committed + 1 }, (_, row) => `row ${row}`)))
})

test('a first start that was cut off is done anew', async () => {
  const options = await embeddedFolder()
  mkdirSync(join(options.dataDir, 'postgres.unfinished', 'base'), { recursive: true })
  writeFileSync(join(options.dataDir, 'postgres.unfinished', 'PG_VERSION'), '1')
  const embedded = await start(options)
  expect(await open(embedded).$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
  expect(existsSync(join(options.dataDir, 'postgres.unfinished'))).toBe(false)
})

test('without a template a first start makes its own', async () => {
  const { dataDir, folder } = await embeddedFolder()
  const embedded = await start({ dataDir, template: join(folder, 'none') })
  expect(await open(embedded).$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
})

test('a data folder too deep for a socket path works as well', async () => {
  const { folder, template } = await embeddedFolder()
  const dataDir = join(folder, 'deep'.repeat(20), 'deeper'.repeat(20))
  const embedded = await start({ dataDir, template })
  expect(await embeddedConnection(dataDir)).toEqual(embedded.connection)
  expect(await open(embedded).$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
  await embedded.close()
  expect(existsSync(embedded.connection.host)).toBe(false)
  expect(readdirSync(dataDir)).toEqual(['postgres'])
})

test('a database that must stop says why', async () => {
  const options = await embeddedFolder()
  const embedded = await start(options)
  const client = new pg.Client(embedded.connection)
  client.on('error', () => {})
  await client.connect()
  rmSync(join(options.dataDir, 'postgres', 'pg_wal'), { recursive: true })
  const query = client.query('SELECT pg_switch_wal(); CREATE TABLE it (fails int)')
  await expect(query).rejects.toThrow('Connection terminated')
  expect((await embedded.failure).message).toMatch(/^The embedded database stopped: PANIC: .*pg_wal/)
})

test('files of another version of PostgreSQL are refused with the reason', async () => {
  const options = await embeddedFolder()
  await (await start(options)).close()
  writeFileSync(join(options.dataDir, 'postgres', 'PG_VERSION'), '12\n')
  await expect(startEmbeddedDatabase(options)).rejects.toThrow(/^cannot open the database in .*version 12/)
})

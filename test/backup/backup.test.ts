import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { BackupError } from '../../src/backup/archive.ts'
import { backUp } from '../../src/backup/backup.ts'
import { checkBackup, restore } from '../../src/backup/restore.ts'
import type { Config } from '../../src/config.ts'
import type { DatabaseClient } from '../../src/db/database.ts'
import { startEmbeddedDatabase } from '../../src/db/embedded/embedded-database.ts'
import { migrateDatabase } from '../../src/db/migrations.ts'
import { openStore } from '../../src/db/store.ts'
import { podOn, type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { embeddedTemplate } from '../support/embedded-template.ts'
import { aClient, aUser, password } from '../support/factories.ts'
import { refresh, someTokens, useToken } from '../support/oauth-flow.ts'
import { runSql, withDatabase } from '../support/sql.ts'

// An embedded database takes seconds to start, more on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let pod: TestApp
const folders: string[] = []

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-backup-'))
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  pod = await testApp()
})
beforeEach(() => emptyDatabase(pod.db))
afterAll(async () => {
  vi.resetConfig()
  await pod.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const song = randomBytes(3_000_000)

/** A pod with an account, an app, tokens and media. */
async function aLivedInPod() {
  const user = await aUser(pod.db, { username: 'alice', name: 'Alice "the\u2028 whale"\\N' })
  const client = await aClient(pod.db, { name: 'Player' })
  const tokens = await someTokens(pod, client, { user })
  await pod.db.setting.create({ data: { identifier: 'x__y', value: ['a', null, { b: 1.5 }], updatedAt: new Date() } })
  const media = join(pod.config.dataDir, 'media')
  await mkdir(join(media, 'audio', 'ab'), { recursive: true })
  await mkdir(join(media, 'unfinished'), { recursive: true })
  await writeFile(join(media, 'audio', 'ab', 'song.mp3'), song)
  await writeFile(join(media, 'audio', 'ab', 'empty.mp3'), '')
  await writeFile(join(media, 'unfinished', 'half.mp3'), 'half')
  const file = join(newFolder(), 'backup.tar')
  const summary = await backUp(pod.db, file, { config: pod.config, version: '1.0' })
  return { user, client, tokens, file, summary }
}

/** Everything in the database, as text. */
async function contentsOf(db: DatabaseClient): Promise<Record<string, string[]>> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT tablename::text AS name FROM pg_tables
    WHERE schemaname = current_schema() AND tablename <> '_prisma_migrations' ORDER BY 1`
  const contents: Record<string, string[]> = {}
  for (const { name } of tables) {
    const rows = await db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`)
    contents[name] = rows.map(({ row }) => row)
  }
  return contents
}

/** The pod that runs on a restored data folder. */
async function podIn(config: EmptyPod) {
  const store = await openStore(config, { purpose: 'pod' })
  const restored = await podOn(store.db, { changes: { dataDir: config.dataDir } })
  const close = async () => {
    await restored.close()
    await store.close()
  }
  onTestFinished(close)
  return { ...restored, close }
}

/** An embedded database that nobody has used yet. */
async function embedded() {
  const dataDir = newFolder()
  await (await startEmbeddedDatabase({ dataDir, template: await embeddedTemplate() })).close()
  return { dataDir, databaseUrl: undefined, databaseDirectUrl: undefined }
}

/** PostgreSQL where there is one, as it is faster. */
async function anEmptyPod(): Promise<EmptyPod> {
  return (await anEmptyPostgres()) ?? embedded()
}

type EmptyPod = Pick<Config, 'dataDir' | 'databaseUrl' | 'databaseDirectUrl'>

async function anEmptyPostgres() {
  const source = inject('testDatabaseSource')
  if (source.kind === 'embedded') return undefined
  const name = `restored_${process.pid}_${folders.length}`
  await runSql(source.url, `CREATE DATABASE ${name}`)
  onTestFinished(async () => void (await runSql(source.url, `DROP DATABASE ${name} WITH (FORCE)`)))
  return { dataDir: newFolder(), databaseUrl: withDatabase(source.url, name), databaseDirectUrl: undefined }
}

async function expectSamePod(config: EmptyPod) {
  const { client, tokens, file, summary } = await aLivedInPod()
  const before = await contentsOf(pod.db)
  expect(summary).toEqual({ rows: Object.values(before).flat().length, mediaFiles: 2, bytes: song.length })
  const restored = await restore(file, { config, force: false })
  expect(restored).toMatchObject({ rows: summary.rows, mediaFiles: 2, mediaPutAside: undefined })
  const again = await podIn(config)
  expect(await contentsOf(again.db)).toEqual(before)
  expect(again.services.podSecrets).toEqual(pod.services.podSecrets)
  expect((await useToken(again, tokens.access_token)).json()).toMatchObject({ username: 'alice' })
  expect((await refresh(again, client, tokens.refresh_token)).statusCode).toBe(200)
  const browser = again.browser()
  expect((await browser.logIn('alice', password)).status).toBe(200)
  expect(browser.cookies.get('sessionid')).toBeDefined()
  const media = join(config.dataDir, 'media', 'audio', 'ab')
  expect(song.equals(await readFile(join(media, 'song.mp3')))).toBe(true)
  expect((await readdir(media)).sort()).toEqual(['empty.mp3', 'song.mp3'])
  expect(existsSync(join(config.dataDir, 'media', 'unfinished'))).toBe(false)
  // Ids that were given away are not given away again.
  expect((await aUser(again.db)).id).toBeGreaterThan((await pod.db.user.findFirstOrThrow()).id)
}

describe('a backup restored into an empty pod', () => {
  test('is the same pod on the embedded database: people log in, tokens work, media are whole', async () =>
    expectSamePod(await embedded()))

  test('is the same pod on a PostgreSQL', async ({ skip }) => {
    const config = await anEmptyPostgres()
    if (config === undefined) return skip()
    await expectSamePod(config)
  })

  test('goes from the embedded database to PostgreSQL through a second backup', async () => {
    const { file } = await aLivedInPod()
    const before = await contentsOf(pod.db)
    const first = await embedded()
    await restore(file, { config: first, force: false })
    const moved = await podIn(first)
    const copy = join(newFolder(), 'copy.tar')
    await backUp(moved.db, copy, { config: moved.config, version: '1.0' })
    await moved.close()
    const second = await anEmptyPod()
    await restore(copy, { config: second, force: false })
    expect(await contentsOf((await podIn(second)).db)).toEqual(before)
  })

  test('of an older release is brought up to this one', async () => {
    const { file } = await aLivedInPod()
    const manifest = await checkBackup(file)
    const config = await anEmptyPod()
    const newest = manifest.migrations.at(-1) ?? ''
    // A database at an older state shows that the schema is made anew for the rows, and migrated after.
    const store = await openStore(config, { purpose: 'test' })
    await store.db.$executeRaw`DELETE FROM _prisma_migrations WHERE migration_name = ${newest}`
    await store.close()
    await restore(file, { config, force: false })
    expect(await (await podIn(config)).db.user.count()).toBe(1)
  })
})

describe('a restore changes nothing', () => {
  const refusal = async (file: string, config?: EmptyPod) =>
    restore(file, { config: config ?? (await anEmptyPod()), force: false }).then(
      () => 'restored',
      (error: unknown) => (error instanceof BackupError ? error.message : `not explained: ${error}`),
    )

  test('where somebody has an account already, unless it is forced to', async () => {
    const { file } = await aLivedInPod()
    const config = await anEmptyPod()
    const inhabited = await podIn(config)
    await aUser(inhabited.db, { username: 'bob' })
    await inhabited.close()
    expect(await refusal(file, config)).toMatch(/has accounts or apps already.*--force/)
    await mkdir(join(config.dataDir, 'media', 'audio'), { recursive: true })
    await writeFile(join(config.dataDir, 'media', 'audio', 'old.mp3'), 'old')
    const { mediaPutAside } = await restore(file, { config, force: true })
    expect(await readFile(join(mediaPutAside ?? '', 'audio', 'old.mp3'), 'utf8')).toBe('old')
    const users = await (await podIn(config)).db.user.findMany()
    expect(users.map(({ username }) => username)).toEqual(['alice'])
  })

  test('while a pod runs on that folder', async () => {
    const { file } = await aLivedInPod()
    const config = await anEmptyPod()
    await podIn(config)
    await expect(restore(file, { config, force: true })).rejects.toThrow(/Stop all pods first|end it first/)
  })

  test('from a file that was cut off or changed, or is none', async () => {
    const { file } = await aLivedInPod()
    const whole = await readFile(file)
    const { size } = await stat(file)
    const at = whole.indexOf(song.subarray(1_000_000, 1_000_020))
    whole[at] = (whole[at] ?? 0) ^ 1
    const changed = join(newFolder(), 'changed.tar')
    await writeFile(changed, whole)
    expect(await refusal(changed)).toMatch(/damaged: media\/audio\/ab\/song.mp3/)
    for (const length of [size - 3_000, size >> 1, 700]) {
      const cut = join(newFolder(), 'cut.tar')
      await writeFile(cut, await readFile(file))
      await truncate(cut, length)
      expect(await refusal(cut)).toMatch(/damaged|not a whole backup|not a backup|does not understand/)
    }
    const other = join(newFolder(), 'other.tar')
    await writeFile(other, 'not a tar file at all')
    expect(await refusal(other)).toMatch(/not a backup/)
    expect(await refusal(join(newFolder(), 'nothing.tar'))).toMatch(/There is no file/)
  })

  test('from a release that this one does not know', async () => {
    const id = 'future'
    await pod.db.$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at)
      VALUES (${id}, '', '99999999999999_future', ${new Date()}, ${new Date()})`
    onTestFinished(async () => void (await pod.db.$executeRaw`DELETE FROM _prisma_migrations WHERE id = ${id}`))
    const { file } = await aLivedInPod()
    expect(await refusal(file)).toMatch(/newer than this one/)
  })
})

describe('a backup', () => {
  test('is of one moment, whatever is written meanwhile', async () => {
    await aLivedInPod()
    const file = join(newFolder(), 'busy.tar')
    let isDone = false
    const writer = async () => {
      while (!isDone) {
        const user = await aUser(pod.db)
        await pod.db.securityEvent.create({ data: { userId: user.id, kind: 'login', createdAt: new Date() } })
      }
    }
    const busy = writer()
    await backUp(pod.db, file, { config: pod.config, version: '1.0' })
    isDone = true
    await busy
    const config = await anEmptyPod()
    await expect(restore(file, { config, force: false })).resolves.toBeDefined()
  })

  test('goes into no file that somebody has laid in its way', async () => {
    const folder = newFolder()
    const trap = join(folder, 'trap')
    await writeFile(trap, '', { mode: 0o666 })
    await symlink(trap, join(folder, 'backup.tar.unfinished'))
    const file = join(folder, 'backup.tar')
    await backUp(pod.db, file, { config: pod.config, version: '1.0' })
    expect(await readFile(trap, 'utf8')).toBe('')
    expect((await lstat(file)).isFile()).toBe(true)
  })

  test('can be read by its owner alone, and is there whole or not at all', async () => {
    const { file } = await aLivedInPod()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const failing = join(newFolder(), 'missing', 'backup.tar')
    await expect(backUp(pod.db, failing, { config: pod.config, version: '1.0' })).rejects.toThrow(/ENOENT/)
    expect(existsSync(failing)).toBe(false)
  })
})

test('a database can be migrated to where an older release was', async () => {
  const config = await anEmptyPostgres()
  if (config === undefined) return
  const applied = await migrateDatabase({ url: config.databaseUrl }, { only: new Set(['20261122004030_initial']) })
  expect(applied).toEqual(['20261122004030_initial'])
})

import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import pg from 'pg'
import type { Config } from '../config.ts'
import { type DatabaseLocation, planConnection } from '../db/connection.ts'
import { migrationNames } from '../db/migration-files.ts'
import { appliedMigrations } from '../db/migration-state.ts'
import { migrateDatabase, shippedMigrations } from '../db/migrations.ts'
import { openBareStore } from '../db/store.ts'
import { type ArchiveEntry, BackupError, bytesOf, checkArchive, readArchive } from './archive.ts'
import { type Batch, emptySchema, isInUse, load, othersConnected } from './load.ts'
import { type Manifest, readManifest, type Table } from './manifest.ts'

const decompress = promisify(gunzip)

export interface RestoreOptions {
  config: Pick<Config, 'databaseUrl' | 'databaseDirectUrl' | 'dataDir'>
  /** Whatever is there already is lost; its media are put aside. */
  force: boolean
  onProgress?: (text: string) => void
}

export interface RestoreSummary {
  manifest: Manifest
  rows: number
  mediaFiles: number
  /** Where the media that were there before are now. */
  mediaPutAside: string | undefined
}

/**
 * Makes a pod what it was when the archive was made, and then brings it up to this release.
 * The archive is read to its end and checked before anything changes.
 * @throws BackupError, DataDirInUse, MigrationError
 */
export async function restore(path: string, options: RestoreOptions): Promise<RestoreSummary> {
  const manifest = await readManifest(path)
  await refuseNewer(manifest)
  const store = await openBareStore(options.config, { purpose: 'restore' })
  const restored = join(options.config.dataDir, 'media.restoring')
  try {
    const client = await connect(store.location)
    try {
      await refuseUsed(client, options)
      await rm(restored, { recursive: true, force: true })
      const mediaFiles = await checkAndUnpack(path, restored, options)
      await bringTo(client, store.location, manifest.migrations)
      const rows = await loadFrom(path, client, manifest, options)
      const mediaPutAside = await replaceMedia(options.config.dataDir, restored)
      await migrateDatabase(store.location)
      return { manifest, rows, mediaFiles, mediaPutAside }
    } finally {
      await client.end()
    }
  } finally {
    await rm(restored, { recursive: true, force: true })
    await store.close()
  }
}

/** Reads an archive to its end and checks it. */
export async function checkBackup(path: string): Promise<Manifest> {
  const manifest = await readManifest(path)
  await checkArchive(path, async () => undefined)
  await refuseNewer(manifest)
  return manifest
}

async function refuseNewer({ migrations, version }: Manifest): Promise<void> {
  const known = new Set(await migrationNames(shippedMigrations))
  if (migrations.every((name) => known.has(name))) return
  throw new BackupError(`The backup was made by Baleen ${version}, which is newer than this one. Install that release.`)
}

async function connect(location: DatabaseLocation): Promise<pg.Client> {
  const { client: config, schema } = planConnection(location)
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  await client.connect()
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`)
  await client.query(`SET search_path = ${pg.escapeIdentifier(schema)}`)
  return client
}

async function refuseUsed(client: pg.Client, { config, force }: RestoreOptions): Promise<void> {
  const others = await othersConnected(client)
  if (others > 0) throw new BackupError('A pod is using the database. Stop all pods first.')
  if (force) return
  if (await isInUse(client)) {
    throw new BackupError(
      'The database has accounts or apps already, which would be lost. Give --force to replace them.',
    )
  }
  const media = await readdir(join(config.dataDir, 'media', 'audio')).catch(() => [])
  if (media.length > 0) {
    throw new BackupError(`There are media in ${config.dataDir} already. Give --force to put them aside.`)
  }
}

async function checkAndUnpack(path: string, folder: string, { onProgress }: RestoreOptions): Promise<number> {
  let files = 0
  await checkArchive(path, async (entry) => {
    const under = mediaPath(entry)
    if (under === undefined) return
    const target = join(folder, under)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await pipeline(entry.content, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }))
    files += 1
    onProgress?.(`${files} files`)
  })
  return files
}

/** Never a way out of the folder. */
function mediaPath({ name }: ArchiveEntry): string | undefined {
  const under = /^media\/(.+)$/.exec(name)?.[1]
  if (under === undefined) return undefined
  const parts = under.split('/')
  if (parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part))) return under
  throw new BackupError(`The archive holds a file with the name ${JSON.stringify(name)}, which Baleen would not write.`)
}

/** An empty database with the schema that the archive's rows are of. */
async function bringTo(client: pg.Client, location: DatabaseLocation, migrations: string[]): Promise<void> {
  const applied = await appliedMigrations(client)
  if (applied.join() === migrations.join()) return
  if (applied.length > 0) await emptySchema(client)
  await migrateDatabase(location, { only: new Set(migrations) })
}

async function loadFrom(path: string, client: pg.Client, manifest: Manifest, options: RestoreOptions): Promise<number> {
  let rows = 0
  const tables = new Map(manifest.tables.map((table) => [table.name, table]))
  async function* batches(): AsyncGenerator<Batch> {
    for await (const entry of readArchive(path)) {
      // The media come after.
      if (entry.name.startsWith('media/')) return
      const batch = await batchOf(entry, tables)
      if (batch === undefined) continue
      yield batch
      rows += batch.rows.length
      options.onProgress?.(`${rows} rows, ${batch.table.name}`)
    }
  }
  await load(client, manifest, batches())
  return rows
}

async function batchOf({ name, content }: ArchiveEntry, tables: Map<string, Table>): Promise<Batch | undefined> {
  const bytes = await bytesOf(content)
  const table = tables.get(/^database\/([^/]+)\/\d+\.jsonl\.gz$/.exec(name)?.[1] ?? '')
  if (table === undefined) return undefined
  return { table, rows: (await decompress(bytes)).toString().split('\n') }
}

async function replaceMedia(dataDir: string, restored: string): Promise<string | undefined> {
  const media = join(dataDir, 'media')
  const aside = join(dataDir, `media.before-${new Date().toISOString().replace(/[:.]/g, '-')}`)
  const before = (await readdir(media).catch(() => [])).length > 0
  if (before) await rename(media, aside)
  else await rm(media, { recursive: true, force: true })
  await mkdir(restored, { recursive: true, mode: 0o700 })
  await rename(restored, media)
  return before ? aside : undefined
}

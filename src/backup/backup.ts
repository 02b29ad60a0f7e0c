import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Config } from '../config.ts'
import type { Database, DatabaseClient } from '../db/database.ts'
import { ArchiveWriter } from './archive.ts'
import { type Contents, dumpRows, inOneMoment, listContents } from './dump.ts'
import { type Manifest, manifestName } from './manifest.ts'

const compress = promisify(gzip)

/** Folders of the media that nobody misses. */
const notKept = new Set(['unfinished', 'tmp', 'transcoded'])

export interface BackupSummary {
  rows: number
  mediaFiles: number
  /** Of the media. */
  bytes: number
}

export interface BackupOptions {
  config: Pick<Config, 'dataDir' | 'publicUrl'>
  version: string
  onProgress?: (text: string) => void
}

/**
 * Writes everything that makes the pod into one file: the database as it is at one moment, with the pod's secrets, and
 * the media. The pod goes on meanwhile; a file that somebody deletes in that time may be missing.
 */
export async function backUp(db: DatabaseClient, path: string, options: BackupOptions): Promise<BackupSummary> {
  const archive = await ArchiveWriter.create(path)
  try {
    const rows = await inOneMoment(db, (moment) => addDatabase(archive, moment, options))
    const media = await addMedia(archive, options)
    await archive.finish()
    return { rows, ...media }
  } catch (error) {
    await archive.giveUp()
    throw error
  }
}

async function addDatabase(archive: ArchiveWriter, db: Database, options: BackupOptions): Promise<number> {
  const contents = await listContents(db)
  await archive.add(manifestName, Buffer.from(JSON.stringify(describe(contents, options), null, 2)))
  let rows = 0
  for (const table of contents.tables) {
    let part = 0
    for await (const batch of dumpRows(db, table)) {
      part += 1
      rows += batch.length
      const name = `database/${table.name}/${String(part).padStart(6, '0')}.jsonl.gz`
      await archive.add(name, await compress(batch.join('\n')))
      options.onProgress?.(`${rows} rows, ${table.name}`)
    }
  }
  return rows
}

function describe(contents: Contents, { config, version }: BackupOptions): Manifest {
  const createdAt = new Date().toISOString()
  return { format: 1, version, createdAt, publicUrl: config.publicUrl, ...contents }
}

async function addMedia(archive: ArchiveWriter, { config, onProgress }: BackupOptions) {
  const folder = join(config.dataDir, 'media')
  let [mediaFiles, bytes] = [0, 0]
  for await (const path of filesIn(folder, '')) {
    const facts = await stat(join(folder, path)).catch(() => undefined)
    if (facts === undefined) continue
    // A file is whole when it has its name, and never changes after that.
    const content = createReadStream(join(folder, path), facts.size === 0 ? {} : { end: facts.size - 1 })
    await archive.addStream(`media/${path}`, facts.size, content)
    mediaFiles += 1
    bytes += facts.size
    onProgress?.(`${mediaFiles} files, ${Math.round(bytes / 1_000_000)} MB`)
  }
  return { mediaFiles, bytes }
}

async function* filesIn(folder: string, under: string): AsyncGenerator<string> {
  const entries = await readdir(join(folder, under), { withFileTypes: true }).catch(() => [])
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`
    if (entry.isFile()) yield path
    else if (entry.isDirectory() && !notKept.has(entry.name)) yield* filesIn(folder, path)
  }
}

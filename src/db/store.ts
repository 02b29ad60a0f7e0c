import type { Config } from '../config.ts'
import type { DatabaseLocation } from './connection.ts'
import { closeDatabase, type DatabaseClient, openDatabase } from './database.ts'
import { DataDirInUse, lockDataDir } from './embedded/data-dir-lock.ts'
import { startEmbeddedDatabase } from './embedded/embedded-database.ts'
import { embeddedConnection } from './embedded/socket-folder.ts'
import { migrateDatabase } from './migrations.ts'

/** A database that is up, migrated and open. */
export interface Store {
  db: DatabaseClient
  kind: 'postgres' | 'embedded'
  /** What was done to its schema just now. */
  migrated: string[]
  /** Resolves with the reason if the embedded database stops unasked; else never. */
  failure: Promise<Error>
  close(): Promise<void>
}

export type StoreConfig = Pick<Config, 'databaseUrl' | 'dataDir'> & Partial<Pick<Config, 'databaseDirectUrl'>>

interface StoreOptions {
  /** Tells others who has the data folder, like `pod`. */
  purpose: string
  /** Runs a migration again that failed. */
  retryFailed?: boolean
  /** Told about the migration that is running. */
  log?: (message: string) => void
}

const never = new Promise<never>(() => {})

/**
 * Opens the admin's PostgreSQL, or starts the embedded one under the data folder, and brings its schema up to date.
 * @throws DataDirInUse, DataDirNotWritable, MigrationError
 */
export async function openStore(config: StoreConfig, options: StoreOptions): Promise<Store> {
  const { databaseUrl, databaseDirectUrl, dataDir } = config
  if (databaseUrl !== undefined) {
    const opened = await migrateAndOpen({ url: databaseUrl }, options, databaseDirectUrl)
    return { ...opened, kind: 'postgres', failure: never, close: () => closeDatabase(opened.db) }
  }
  const embedded = await startLocked(dataDir, options.purpose)
  try {
    const opened = await migrateAndOpen(embedded.connection, options)
    const close = async () => {
      await closeDatabase(opened.db)
      await embedded.close()
    }
    return { ...opened, kind: 'embedded', failure: embedded.failure, close }
  } catch (error) {
    await embedded.close()
    throw error
  }
}

/** Like `openStore`, but shares the embedded database of a pod that is running. */
export async function openSharedStore(config: StoreConfig, options: StoreOptions): Promise<Store> {
  try {
    return await openStore(config, options)
  } catch (error) {
    if (!(error instanceof DataDirInUse)) throw error
    const db = openDatabase(await embeddedConnection(config.dataDir))
    return { db, kind: 'embedded', migrated: [], failure: never, close: () => closeDatabase(db) }
  }
}

/** Starts the embedded database, or says where the admin's is, and leaves its schema as it is. @throws DataDirInUse */
export async function openBareStore(
  { databaseUrl, databaseDirectUrl, dataDir }: StoreConfig,
  { purpose }: Pick<StoreOptions, 'purpose'>,
): Promise<{ location: DatabaseLocation; close(): Promise<void> }> {
  const url = databaseDirectUrl ?? databaseUrl
  if (url !== undefined) return { location: { url }, close: async () => undefined }
  const { connection, close } = await startLocked(dataDir, purpose)
  return { location: connection, close }
}

/** Like `openBareStore`, but shares the embedded database of a pod that is running. */
export async function openSharedBareStore(
  config: StoreConfig,
  options: Pick<StoreOptions, 'purpose'>,
): Promise<{ location: DatabaseLocation; close(): Promise<void> }> {
  try {
    return await openBareStore(config, options)
  } catch (error) {
    if (!(error instanceof DataDirInUse)) throw error
    return { location: await embeddedConnection(config.dataDir), close: async () => undefined }
  }
}

async function migrateAndOpen(location: DatabaseLocation, options: StoreOptions, directUrl?: string) {
  const { retryFailed = false, log } = options
  const direct = directUrl === undefined ? location : { url: directUrl }
  const migrated = await migrateDatabase(direct, { retryFailed, ...(log && { log }) })
  return { migrated, db: openDatabase(location, { directUrl }) }
}

/** The embedded database, with the data folder taken for this process until it is closed. */
async function startLocked(dataDir: string, purpose: string) {
  const lock = lockDataDir(dataDir, purpose)
  try {
    const embedded = await startEmbeddedDatabase({ dataDir })
    const close = async () => {
      await embedded.close()
      lock.release()
    }
    return { ...embedded, close }
  } catch (error) {
    lock.release()
    throw error
  }
}

import type { Config } from '../config.ts'
import { closeDatabase, type DatabaseClient, type DatabaseOptions, openDatabase } from './database.ts'
import { DataDirInUse, lockDataDir } from './embedded/data-dir-lock.ts'
import { startEmbeddedDatabase } from './embedded/embedded-database.ts'
import { embeddedConnection } from './embedded/socket-folder.ts'
import { migrateDatabase } from './migrations.ts'

/** A database that is up, migrated and open. */
export interface Store {
  db: DatabaseClient
  kind: 'postgres' | 'embedded'
  /** Resolves with the reason if the embedded database stops unasked; else never. */
  failure: Promise<Error>
  close(): Promise<void>
}

type StoreConfig = Pick<Config, 'databaseUrl' | 'dataDir'>

const never = new Promise<never>(() => {})

/**
 * Opens the admin's PostgreSQL, or starts the embedded one under the data folder, and brings its schema up to date.
 * @param purpose tells others who has the data folder, like `pod`
 * @throws DataDirInUse, DataDirNotWritable, MigrationError
 */
export async function openStore(config: StoreConfig, purpose: string, options?: DatabaseOptions): Promise<Store> {
  const { databaseUrl, dataDir } = config
  if (databaseUrl !== undefined) return openPostgres(databaseUrl, options)
  const lock = lockDataDir(dataDir, purpose)
  try {
    const embedded = await startEmbeddedDatabase({ dataDir })
    const release = async () => {
      await embedded.close()
      lock.release()
    }
    try {
      await migrateDatabase(embedded.connection)
    } catch (error) {
      await release()
      throw error
    }
    const db = openDatabase(embedded.connection, options)
    const close = async () => {
      await closeDatabase(db)
      await release()
    }
    return { db, kind: 'embedded', failure: embedded.failure, close }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Like `openStore`, but shares the embedded database of a pod that is running. */
export async function openSharedStore(config: StoreConfig, purpose: string): Promise<Store> {
  try {
    return await openStore(config, purpose)
  } catch (error) {
    if (!(error instanceof DataDirInUse)) throw error
    const db = openDatabase(await embeddedConnection(config.dataDir))
    return { db, kind: 'embedded', failure: never, close: () => closeDatabase(db) }
  }
}

async function openPostgres(url: string, options?: DatabaseOptions): Promise<Store> {
  await migrateDatabase({ url })
  const db = openDatabase({ url }, options)
  return { db, kind: 'postgres', failure: never, close: () => closeDatabase(db) }
}

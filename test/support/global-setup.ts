import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedDatabase } from '../../src/db/embedded/embedded-database.ts'
import { migrateDatabase } from '../../src/db/migrations.ts'
import { embeddedTemplate } from './embedded-template.ts'
import { startPostgres } from './postgres.ts'
import { runSql, withDatabase } from './sql.ts'

/** Where a worker gets its copy of the migrated database. */
export type TestDatabaseSource =
  | { kind: 'postgres'; url: string; template: string }
  | { kind: 'embedded'; folder: string }

declare module 'vitest' {
  interface ProvidedContext {
    testDatabaseSource: TestDatabaseSource
    /** Holds the data folders of the pods that tests start; goes when the run ends. */
    scratchFolder: string
  }
}

interface Prepared {
  source: TestDatabaseSource
  remove(): Promise<void>
}

/**
 * A migrated database to copy, for the whole run: on the server of TEST_DATABASE_URL, or a throwaway PostgreSQL of this
 * machine, or, where there is none or TEST_DATABASE_URL is `embedded`, the embedded database.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { source, remove } = await prepare(process.env.TEST_DATABASE_URL)
  const scratchFolder = await mkdtemp(join(tmpdir(), 'baleen-test-data-'))
  project.provide('testDatabaseSource', source)
  project.provide('scratchFolder', scratchFolder)
  return async () => {
    await remove()
    await rm(scratchFolder, { recursive: true, force: true })
  }
}

async function prepare(url: string | undefined): Promise<Prepared> {
  if (url === 'embedded') return prepareEmbedded()
  if (url !== undefined) return preparePostgres(url)
  const cluster = await startPostgres()
  if (cluster === undefined) {
    console.log('PostgreSQL was not found: testing on the embedded database, which is slower.')
    return prepareEmbedded()
  }
  const { source } = await preparePostgres(cluster.url('postgres'))
  return { source, remove: cluster.stop }
}

async function preparePostgres(url: string): Promise<Prepared> {
  const template = `baleen_test_${randomBytes(4).toString('hex')}`
  await runSql(url, `CREATE DATABASE ${template}`)
  await migrateDatabase({ url: withDatabase(url, template) })
  const remove = async () => {
    const copies = `SELECT datname AS name FROM pg_database WHERE starts_with(datname, '${template}')`
    for (const { name } of await runSql(url, copies)) await runSql(url, `DROP DATABASE ${name} WITH (FORCE)`)
  }
  return { source: { kind: 'postgres', url, template }, remove }
}

async function prepareEmbedded(): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const embedded = await startEmbeddedDatabase({
      dataDir: join(folder, 'template'),
      template: await embeddedTemplate(),
    })
    await migrateDatabase(embedded.connection)
    await embedded.close()
  } catch (error) {
    await remove()
    throw error
  }
  return { source: { kind: 'embedded', folder }, remove }
}

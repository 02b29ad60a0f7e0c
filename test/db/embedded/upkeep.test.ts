import { openAsBlob } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkpointIfDue, tablesToVacuum } from '../../../src/db/embedded/upkeep.ts'
import { embeddedTemplate } from '../../support/embedded-template.ts'

let postgres: PGlite

beforeAll(async () => {
  const template = await openAsBlob(await embeddedTemplate(), { type: 'application/gzip' })
  postgres = await PGlite.create({ loadDataDir: template })
  await postgres.exec('CREATE TABLE "Notes" (note text)')
})

afterAll(() => postgres.close())

const minute = 60_000

async function writeMegabytes(megabytes: number): Promise<void> {
  await postgres.exec(`INSERT INTO "Notes" SELECT repeat('x', 1000) FROM generate_series(1, ${megabytes * 1000})`)
}

test('a checkpoint comes soon after much was written, else some minutes after anything was', async () => {
  await checkpointIfDue(postgres, 5 * minute)
  expect(await checkpointIfDue(postgres, 5 * minute)).toBe(false)
  await writeMegabytes(1)
  expect(await checkpointIfDue(postgres, 1 * minute)).toBe(false)
  expect(await checkpointIfDue(postgres, 5 * minute)).toBe(true)
  await writeMegabytes(40)
  expect(await checkpointIfDue(postgres, 1 * minute)).toBe(true)
})

test('a table is vacuumed and analyzed when much of it changed', async () => {
  await postgres.exec('SELECT pg_stat_force_next_flush()')
  await postgres.exec('VACUUM (ANALYZE) "Notes"')
  expect(await tablesToVacuum(postgres)).toEqual([])
  await postgres.exec('DELETE FROM "Notes"')
  await postgres.exec('SELECT pg_stat_force_next_flush()')
  expect(await tablesToVacuum(postgres)).toEqual(['public."Notes"'])
})

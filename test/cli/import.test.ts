import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Library } from '../../src/db/generated/client.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { anMp3, audioFixture } from '../support/audio.ts'
import { runCommand, startCommand } from '../support/commands.ts'
import { emptyDatabase } from '../support/database.ts'
import { aLibrary } from '../support/music.ts'

let dataDir: string
let folder: string
let store: Store
let library: Library
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baleen-import-'))
  folder = join(dataDir, 'music')
  // As a pod that is running, on the embedded database.
  store = await openStore({ dataDir, databaseUrl: undefined }, { purpose: 'pod' })
})
afterAll(async () => {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
})
beforeEach(async () => {
  await emptyDatabase(store.db)
  library = await aLibrary(store.db)
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'deep', 'deeper'), { recursive: true })
  await cp(audioFixture('tagged.flac'), join(folder, 'deep', 'Tide.flac'))
  await writeFile(join(folder, 'deep', 'deeper', 'Ebb.MP3'), await anMp3({ TIT2: 'Ebb', TPE1: 'The Whales' }))
  await writeFile(join(folder, 'notes.txt'), 'No music.')
  await writeFile(join(folder, '.hidden.mp3'), 'No music.')
})

const run = (...args: string[]) => runCommand(['import', ...args], { DATA_DIR: dataDir })

const importAll = async () => {
  const { out, error, status } = await run(folder, '--library', library.uuid, '--json')
  expect(error).toBe('')
  return { status, ...JSON.parse(out) }
}

test('imports a folder and the folders in it, beside a pod that is running', async () => {
  expect(await importAll()).toEqual({ status: 0, imported: 2, present: 0, duplicates: 0, failed: [] })
  const uploads = await store.db.upload.findMany({ orderBy: { source: 'asc' }, include: { track: true } })
  expect(uploads).toMatchObject([
    { source: 'upload://deep/Tide.flac', importStatus: 'finished', track: { title: 'Tide' } },
    { source: 'upload://deep/deeper/Ebb.MP3', importStatus: 'finished', track: { title: 'Ebb' } },
  ])
  expect(await store.db.job.count()).toBe(0)
})

test('passes over what is there, tries again what failed, and tells what fails', async () => {
  await writeFile(join(folder, 'broken.mp3'), 'No music.')
  await writeFile(join(folder, 'untitled.mp3'), await anMp3({ TPE1: 'The Whales' }))
  const first = await run(folder, '--library', library.uuid)
  expect(first.status).toBe(2)
  expect(first.out).toBe(
    [
      'Imported 2; 0 were there already, 0 are other copies of known tracks.',
      '2 failed:',
      '  broken.mp3: This is not an audio file that can be read.',
      '  untitled.mp3: The tags are incomplete: title.',
      '',
    ].join('\n'),
  )
  await writeFile(join(folder, 'copy.mp3'), await anMp3({ TIT2: 'ebb', TPE1: 'The Whales' }))
  expect(await importAll()).toMatchObject({ status: 2, imported: 0, present: 2, duplicates: 1, failed: [{}, {}] })
  expect(await store.db.upload.count()).toBe(5)
})

test('goes on where it was killed, with nothing twice', async () => {
  for (let i = 0; i < 30; i += 1) {
    const tags = { TIT2: `Part ${i}`, TPE1: 'The Whales', TALB: 'Deep Water', TRCK: String(i + 1) }
    await writeFile(join(folder, `${i}.mp3`), await anMp3(tags))
  }
  const child = startCommand(['import', folder, '--library', library.uuid], { DATA_DIR: dataDir })
  const ended = once(child, 'close')
  await expect.poll(() => store.db.upload.count(), { timeout: 20_000 }).toBeGreaterThan(5)
  child.kill('SIGKILL')
  await ended
  await store.db.job.updateMany({ data: { dueAt: new Date(0) } })
  const { failed, status } = await importAll()
  expect({ failed, status }).toEqual({ failed: [], status: 0 })
  expect(await store.db.upload.count()).toBe(32)
  expect(await store.db.track.count()).toBe(32)
  expect(await store.db.album.count({ where: { title: 'Deep Water', artist: { name: 'The Whales' } } })).toBe(1)
})

test.each([
  ['a library that is not there', '00000000-0000-4000-8000-000000000000', '.', 'There is no library with this uuid.'],
  ['what is no uuid', 'x', '.', 'There is no library with this uuid.'],
])('refuses %s', async (_what, uuid, path, message) => {
  expect(await run(path, '--library', uuid)).toMatchObject({ status: 1, error: `${message}\n` })
})

test('refuses a folder that is not there', async () => {
  const { status, error } = await run(join(folder, 'nowhere'), '--library', library.uuid)
  expect({ status, error }).toEqual({ status: 1, error: `There is no ${join(folder, 'nowhere')}.\n` })
})

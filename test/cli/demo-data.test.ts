import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { parseBuffer } from 'music-metadata'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { coverOf, side } from '../../src/cli/demo-data/cover.ts'
import { encodeFlac } from '../../src/cli/demo-data/flac.ts'
import { melodyOf, rate } from '../../src/cli/demo-data/melody.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { runCommand } from '../support/commands.ts'

let dataDir: string
let store: Store
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baleen-demo-data-'))
  // As a pod that is running, on the embedded database.
  store = await openStore({ dataDir, databaseUrl: undefined }, { purpose: 'pod' })
})
afterAll(async () => {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
})

let jpeg: Buffer
beforeAll(async () => {
  jpeg = await coverOf('any')
})

const recording = (samples: Int16Array) => ({
  samples,
  rate,
  comments: { TITLE: 'Tide', ARTIST: 'The Whales' },
  cover: { mimetype: 'image/jpeg', bytes: jpeg, side },
})

/** By a decoder that also compares the MD5 of what comes out. */
async function decode(file: Buffer): Promise<Buffer> {
  const path = join(dataDir, 'song.flac')
  await writeFile(path, file)
  const strict = ['-v', 'error', '-xerror', '-err_detect', 'crccheck+bitstream+buffer+explode']
  const { status, stdout, stderr } = spawnSync('ffmpeg', [...strict, '-i', path, '-map', '0:a', '-f', 's16le', '-'], {
    maxBuffer: 100_000_000,
  })
  expect(`${stderr}`).toBe('')
  expect(status).toBe(0)
  return stdout
}

test('what the FLAC encoder writes is decoded to the same samples, whatever they are', async () => {
  const noise = fc.sample(fc.integer({ min: -32_768, max: 32_767 }), { numRuns: 8192, seed: 7 })
  const loud = Array.from({ length: 4096 }, (_, n) => (n % 2 === 0 ? -32_768 : 32_767))
  for (const samples of [melodyOf('any'), Int16Array.from(noise), Int16Array.from(loud), new Int16Array(4096 * 130)]) {
    const whole = samples.subarray(0, samples.length - (samples.length % 4096))
    const pcm = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength)
    expect((await decode(encodeFlac(recording(samples)))).equals(pcm)).toBe(true)
  }
})

test('its tags and cover can be read', async () => {
  const { common, format } = await parseBuffer(encodeFlac(recording(melodyOf('any'))))
  expect(common).toMatchObject({ title: 'Tide', artist: 'The Whales', picture: [{ type: 'Cover (front)' }] })
  expect(format).toMatchObject({ container: 'FLAC', sampleRate: rate, bitsPerSample: 16, numberOfChannels: 1 })
})

test('sounds and covers are the same every time', async () => {
  expect(melodyOf('one')).toEqual(melodyOf('one'))
  expect(melodyOf('one')).not.toEqual(melodyOf('two'))
  expect(await coverOf('one')).toEqual(await coverOf('one'))
})

const makeDemoData = (env: Record<string, string> = {}) => runCommand(['demo-data'], { DATA_DIR: dataDir, ...env })

async function counts() {
  const { db } = store
  const [users, libraries, tracks, albums, artists, playlists, favorites, listenings, attachments] = await Promise.all([
    db.user.count(),
    db.library.groupBy({ by: ['privacyLevel'], _count: true }),
    db.track.count(),
    db.album.count({ where: { coverId: { not: null } } }),
    db.artist.count(),
    db.playlist.count({ where: { entries: { some: {} } } }),
    db.favorite.count(),
    db.listening.count(),
    db.attachment.count(),
  ])
  return { users, libraries: libraries.length, tracks, albums, artists, playlists, favorites, listenings, attachments }
}

test('demo-data fills a pod beside the one that runs; done again, it adds nothing', { timeout: 120_000 }, async () => {
  const first = await makeDemoData()
  expect(first).toMatchObject({
    status: 0,
    out: expect.stringMatching(/19 tracks were made[\s\S]*with the password \S{16}\n/),
  })
  const made = await counts()
  expect(made).toMatchObject({
    users: 3,
    libraries: 3,
    tracks: 19,
    albums: 5,
    artists: 4,
    playlists: 3,
    listenings: 180,
  })
  expect(made.favorites).toBeGreaterThan(8)
  const again = await makeDemoData()
  expect(again.status).toBe(0)
  expect(again.out).toContain('0 tracks were made')
  expect(again.out).not.toContain('password')
  expect(await counts()).toEqual(made)
  const oldest = await store.db.listening.findFirst({ orderBy: { createdAt: 'asc' } })
  const ageDays = (Date.now() - (oldest?.createdAt.getTime() ?? 0)) / 86_400_000
  expect(ageDays).toBeGreaterThan(20)
  expect(await store.db.listening.count({ where: { createdAt: { gt: new Date() } } })).toBe(0)
})

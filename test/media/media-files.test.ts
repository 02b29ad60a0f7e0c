import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MediaFiles, mediaFiles } from '../../src/media/media-files.ts'

let dataDir: string
let media: MediaFiles

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baleen-media-'))
  media = mediaFiles(dataDir)
})

afterEach(async () => {
  await media.close()
  await rm(dataDir, { recursive: true })
})

const mp3 = { extension: 'mp3' }

async function filesOnDisk(): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'media'), { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock')).map((entry) => entry.name)
}

async function keysListed(): Promise<string[]> {
  const keys: string[] = []
  for await (const files of media.list()) keys.push(...files.map(({ fileKey }) => fileKey))
  return keys
}

async function read(fileKey: string, range?: { start: number; end: number }): Promise<string | undefined> {
  const content = await media.open(fileKey, range)
  return content && text(content)
}

test('what is stored can be read, whole and in part, and is measured on its way', async () => {
  const stored = await media.store(Readable.from(['whale ', 'song']), mp3)
  expect(stored.size).toBe(10)
  expect(Buffer.from(stored.checksum)).toEqual(createHash('sha256').update('whale song').digest())
  expect(stored.fileKey).toMatch(/\.mp3$/)
  expect(await read(stored.fileKey)).toBe('whale song')
  expect(await read(stored.fileKey, { start: 6, end: 7 })).toBe('so')
  expect(await media.stat(stored.fileKey)).toMatchObject({ size: 10 })
  expect(await keysListed()).toEqual([stored.fileKey])
})

test('nobody but the pod may read the files', async () => {
  const { fileKey } = await media.store(Readable.from(['x']), mp3)
  const path = await media.withLocalFile(fileKey, async (path) => path)
  expect((await stat(path ?? '')).mode & 0o777).toBe(0o600)
  for (const folder of ['audio', join('audio', fileKey.slice(0, 2)), 'unfinished']) {
    expect((await stat(join(dataDir, 'media', folder))).mode & 0o777).toBe(0o700)
  }
})

test('of a content that ends with an error nothing is kept', async () => {
  async function* interrupted() {
    yield 'half'
    throw new Error('connection lost')
  }
  await expect(media.store(Readable.from(interrupted()), mp3)).rejects.toThrow('connection lost')
  const broken = new Readable({ read() {} })
  const storing = media.store(broken, mp3)
  broken.destroy(new Error('gone at once'))
  await expect(storing).rejects.toThrow('gone at once')
  expect(await filesOnDisk()).toEqual([])
})

test('what a program makes is kept when it succeeds, and only then', async () => {
  const { fileKey, size } = await media.make({ extension: 'ogg' }, (path) => writeFile(path, 'made', { mode: 0o644 }))
  expect(size).toBe(4)
  expect(await read(fileKey)).toBe('made')
  const failing = media.make({ extension: 'ogg' }, async (path) => {
    await writeFile(path, 'half')
    throw new Error('it failed')
  })
  await expect(failing).rejects.toThrow('it failed')
  expect(await filesOnDisk()).toEqual([fileKey])
})

test('a key is never a way out of the folder', async () => {
  await writeFile(join(dataDir, 'secret'), 'secret')
  for (const key of ['../../secret', '/etc/passwd', '', `../${randomUUID()}.mp3`, `${randomUUID()}.mp3/../../secret`]) {
    await expect((async () => media.open(key))(), key).rejects.toThrow('not the key')
    await expect((async () => media.remove(key))(), key).rejects.toThrow('not the key')
  }
  expect(await readFile(join(dataDir, 'secret'), 'utf8')).toBe('secret')
})

test('a file that is not there is no error', async () => {
  const fileKey = `${randomUUID()}.mp3`
  expect(await media.open(fileKey)).toBeUndefined()
  expect(await media.stat(fileKey)).toBeUndefined()
  expect(await media.withLocalFile(fileKey, async () => 'used')).toBeUndefined()
  await media.remove(fileKey)
})

test('what a pod is writing is left alone by others that start, and goes when that pod is gone', async () => {
  const other = mediaFiles(dataDir)
  const slow = new Readable({ read() {} })
  const storing = media.store(slow, mp3)
  slow.push('first half, ')
  await expect.poll(filesOnDisk).toHaveLength(1)
  await other.clearUnfinished()
  slow.push('second half')
  slow.push(null)
  const { fileKey } = await storing
  expect(await read(fileKey)).toBe('first half, second half')

  const left = join(dataDir, 'media', 'unfinished', randomUUID())
  await writeFile(`${left}.lock`, '')
  await mkdir(left)
  await writeFile(join(left, 'half'), 'half')
  await other.clearUnfinished()
  expect(await filesOnDisk()).toEqual([fileKey])
  await other.close()
})

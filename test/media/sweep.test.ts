import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addAttachment } from '../../src/media/attachments.ts'
import { evictTranscodedFiles, removeOrphanFiles } from '../../src/media/sweep.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser } from '../support/factories.ts'
import { aPicture } from '../support/pictures.ts'
import { type Sound, someSound } from '../support/sound.ts'

let pod: TestApp
beforeEach(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
})
afterEach(() => pod.close())

const inTwoDays = () => new Date(Date.now() + 2 * 86_400_000)

function sweep(now = inTwoDays(), podKey: Uint8Array = pod.services.podSecrets.listen): Promise<number> {
  const { media, pictures } = pod.services
  return removeOrphanFiles(pod.db, { media, pictures }, { now, goOn: () => true, podKey })
}

async function aFile(): Promise<string> {
  return (await pod.services.media.store(Readable.from(['sound']), { extension: 'mp3' })).fileKey
}

async function aCopy({ upload }: Sound, accessedAt: Date): Promise<string> {
  const fileKey = await aFile()
  const data = {
    uploadId: upload.id,
    mimetype: 'audio/mpeg',
    bitrate: 1,
    fileKey,
    size: 5,
    createdAt: accessedAt,
    accessedAt,
  }
  await pod.db.transcodedFile.create({ data })
  return fileKey
}

const isThere = async (fileKey: string) => (await pod.services.media.stat(fileKey)) !== undefined

test('a file without a row goes after a day; files with rows, and young ones, stay', async () => {
  const sound = await someSound(pod)
  const copy = await aCopy(sound, new Date())
  const orphan = await aFile()
  expect(await sweep(new Date())).toBe(0)
  expect(await isThere(orphan)).toBe(true)
  expect(await sweep()).toBe(1)
  expect(await isThere(orphan)).toBe(false)
  expect(await isThere(copy)).toBe(true)
  expect(await isThere(sound.upload.fileKey)).toBe(true)
})

test('pictures likewise, whole and unfinished', async () => {
  const { id: ownerId } = await aUser(pod.db)
  const bytes = await aPicture()
  const kept = await addAttachment(pod.db, pod.services.pictures, { ownerId, bytes })
  const orphan = await addAttachment(pod.db, pod.services.pictures, { ownerId, bytes })
  await pod.db.attachment.delete({ where: { id: orphan.id } })
  const unfinished = join(pod.config.dataDir, 'media', 'attachments', 'unfinished', randomUUID())
  await mkdir(unfinished, { recursive: true })
  await writeFile(join(unfinished, 'original.png'), 'half')
  expect(await sweep()).toBe(2)
  expect(await sweep()).toBe(0)
  expect(await pod.services.pictures.read(orphan.uuid, 'original.png')).toBeUndefined()
  const file = await pod.services.pictures.read(kept.uuid, 'original.png')
  file?.content.destroy()
  expect(file).toBeDefined()
})

test('the files of an account that was deleted go', async () => {
  const { owner, upload } = await someSound(pod)
  await pod.db.user.delete({ where: { id: owner.id } })
  expect(await sweep()).toBe(1)
  expect(await isThere(upload.fileKey)).toBe(false)
})

test('a folder that another database has filled is left alone', async () => {
  const orphan = await aFile()
  expect(await sweep(new Date())).toBe(0)
  expect(await sweep(inTwoDays(), Buffer.from('the key of another pod'))).toBe(0)
  expect(await isThere(orphan)).toBe(true)
})

test('it stops when the pod closes', async () => {
  await aFile()
  const { media, pictures, podSecrets } = pod.services
  const round = { now: inTwoDays(), goOn: () => false, podKey: podSecrets.listen }
  expect(await removeOrphanFiles(pod.db, { media, pictures }, round)).toBe(0)
})

test('copies go when nobody has asked for them for so many minutes, and only then', async () => {
  const now = new Date('2024-05-10T12:00:00Z')
  const sound = await someSound(pod)
  const old = await aCopy(sound, new Date('2024-05-03T11:59:59Z'))
  const recent = await aCopy(sound, new Date('2024-05-03T12:00:01Z'))
  const evict = () => evictTranscodedFiles(pod.db, pod.services.media, { now, goOn: () => true, keptMinutes: 10_080 })
  expect(await evict()).toBe(1)
  expect(await isThere(old)).toBe(false)
  expect(await isThere(recent)).toBe(true)
  expect(await pod.db.transcodedFile.findMany({ select: { fileKey: true } })).toEqual([{ fileKey: recent }])
  expect(await isThere(sound.upload.fileKey)).toBe(true)
  expect(await evict()).toBe(0)
})

test('the pod does all this by itself', () => {
  const names = pod.services.maintenance.tasks.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['attachments', 'transcoded-files', 'orphan-files']))
})

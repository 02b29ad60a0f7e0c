import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { keepCopiesFew } from '../../../src/media/transcoding/room-for-copies.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anUpload } from '../../support/music.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

/** Copies of one upload, each last asked for a minute before the next. */
async function someCopies(uploadId: number, sizes: number[]): Promise<void> {
  const data = sizes.map((size, minute) => {
    const at = new Date(Date.UTC(2026, 0, 1, 0, minute))
    const fileKey = `${randomUUID()}.mp3`
    return { uploadId, mimetype: 'audio/mpeg', bitrate: minute, fileKey, size, createdAt: at, accessedAt: at }
  })
  await pod.db.transcodedFile.createMany({ data })
}

async function kept(uploadId: number): Promise<number[]> {
  const rows = await pod.db.transcodedFile.findMany({ where: { uploadId }, orderBy: { id: 'asc' } })
  return rows.map(({ bitrate }) => bitrate)
}

const keep = (uploadId: number) => keepCopiesFew({ db: pod.db, media: pod.services.media }, uploadId, { allowed: 100 })

test('copies of one person’s files take so much together and no more; those go that were not asked for the longest', async () => {
  const owner = await aUser(pod.db)
  const libraries = [await aLibrary(pod.db, { owner }), await aLibrary(pod.db, { owner })] as const
  const one = await anUpload(pod.db, { libraryId: libraries[0].id, size: 5n })
  const two = await anUpload(pod.db, { libraryId: libraries[1].id, size: 5n })
  const ofAnother = await anUpload(pod.db, { size: 5n })
  await someCopies(one.id, [30, 30, 30])
  await someCopies(two.id, [50])
  await someCopies(ofAnother.id, [90])
  await keep(one.id)
  expect([await kept(one.id), await kept(two.id), await kept(ofAnother.id)]).toEqual([[1, 2], [], [0]])
})

test('who has more than that may have copies of all of it', async () => {
  const upload = await anUpload(pod.db, { size: 150n })
  await someCopies(upload.id, [80, 70])
  await keep(upload.id)
  expect(await kept(upload.id)).toEqual([0, 1])
})

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { closeDatabase, openDatabase } from '../../../src/db/database.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anUpload, aTrack } from '../../support/music.ts'

// tracks.open_to is what lists filter by; the files of a track are what is true.

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

async function openTo(id: number): Promise<number | undefined> {
  return (await pod.db.track.findUnique({ where: { id } }))?.openTo
}

/** Tracks whose `open_to` is not what their files say. */
function wrongTracks() {
  return pod.db.$queryRaw<unknown[]>`
    SELECT t.id, t.open_to, f.found FROM tracks t, LATERAL (
      SELECT coalesce(max(CASE l.privacy_level WHEN 'everyone' THEN 2 WHEN 'instance' THEN 1 ELSE 0 END), 0) AS found
      FROM uploads u JOIN libraries l ON l.id = u.library_id
      WHERE u.track_id = t.id AND u.import_status IN ('finished', 'skipped')
    ) f WHERE t.open_to <> f.found`
}

test('a track is as open as the most open of its files that can be played', async () => {
  const { id } = await aTrack(pod.db)
  const libraries = {
    me: await aLibrary(pod.db, { privacyLevel: 'me' }),
    instance: await aLibrary(pod.db, { privacyLevel: 'instance' }),
    everyone: await aLibrary(pod.db, { privacyLevel: 'everyone' }),
  }
  expect(await openTo(id)).toBe(0)
  await anUpload(pod.db, { trackId: id, libraryId: libraries.me.id })
  expect(await openTo(id)).toBe(0)
  const open = await anUpload(pod.db, { trackId: id, libraryId: libraries.everyone.id, importStatus: 'pending' })
  expect(await openTo(id)).toBe(0)
  await pod.db.upload.update({ where: { id: open.id }, data: { importStatus: 'skipped' } })
  expect(await openTo(id)).toBe(2)
  await pod.db.upload.update({ where: { id: open.id }, data: { libraryId: libraries.instance.id } })
  expect(await openTo(id)).toBe(1)
  await pod.db.library.update({ where: { id: libraries.me.id }, data: { privacyLevel: 'everyone' } })
  expect(await openTo(id)).toBe(2)
  await pod.db.library.delete({ where: { id: libraries.me.id } })
  expect(await openTo(id)).toBe(1)
  await pod.db.upload.delete({ where: { id: open.id } })
  expect(await openTo(id)).toBe(0)
})

test('a file that turns out to be another track takes its openness along', async () => {
  const [before, after] = [await aTrack(pod.db), await aTrack(pod.db)]
  const library = await aLibrary(pod.db, { privacyLevel: 'everyone' })
  const upload = await anUpload(pod.db, { libraryId: library.id, importStatus: 'finished' })
  await pod.db.upload.update({ where: { id: upload.id }, data: { trackId: before.id } })
  expect([await openTo(before.id), await openTo(after.id)]).toEqual([2, 0])
  await pod.db.upload.update({ where: { id: upload.id }, data: { trackId: after.id } })
  expect([await openTo(before.id), await openTo(after.id)]).toEqual([0, 2])
  await pod.db.upload.update({ where: { id: upload.id }, data: { trackId: null } })
  expect(await openTo(after.id)).toBe(0)
})

test('whatever is changed at the same time, it comes out right', async () => {
  const other = openDatabase(await testDatabaseLocation())
  const owner = await aUser(pod.db)
  const tracks = [await aTrack(pod.db), await aTrack(pod.db)]
  const levels = ['me', 'instance', 'everyone']
  const libraries = await Promise.all([0, 1, 2].map(() => aLibrary(pod.db, { owner })))
  for (let round = 0; round < 25; round += 1) {
    const pick = <Item>(items: Item[], salt: number) => items[(round * 7 + salt * 5) % items.length] as Item
    const changes = [0, 1, 2, 3].flatMap((salt) => {
      const db = salt % 2 === 0 ? pod.db : other
      const [library, track] = [pick(libraries, salt), pick(tracks, salt)]
      return [
        db.library.update({ where: { id: library.id }, data: { privacyLevel: pick(levels, salt) } }),
        anUpload(db, { libraryId: library.id, trackId: track.id }),
        db.upload.deleteMany({ where: { libraryId: pick(libraries, salt + 1).id, trackId: track.id } }),
      ]
    })
    // Of two that wait for each other PostgreSQL refuses one, which then changes nothing.
    await Promise.allSettled(changes)
    expect(await wrongTracks()).toEqual([])
  }
  await closeDatabase(other)
})

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { aCover, aTrackIn, tag } from '../../support/catalogue.ts'
import { emptyDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { anAlbum, anArtist } from '../../support/music.ts'
import { type WatchedPod, watchedPod } from '../../support/pods-together.ts'
import { type Headers, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

// A page of fifty takes as many statements as a page of one.

let pod: WatchedPod
beforeAll(async () => {
  pod = await watchedPod(await testDatabaseLocation())
})
afterAll(() => pod.close())

let user: User
let headers: Headers
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  headers = await tokenOf(pod, user, 'read:libraries', 'read:favorites', 'read:listenings')
})

async function get(path: string) {
  const ask = () => send(pod, 'GET', `/api/v1/${path}`, { headers })
  const { statements, result: answer } = await pod.statementsOf(ask)
  expect(answer.statusCode, answer.body).toBe(200)
  return { statements: statements.length, answer }
}

async function count(path: string): Promise<{ statements: number; shown: number }> {
  const { statements, answer } = await get(path)
  const { results, tracks } = answer.json()
  return { statements, shown: (results ?? tracks).length }
}

/** An artist, an album, a cover of each and a track with tags, a file, a favorite and a listening, all its own. */
async function addOne(number: number): Promise<void> {
  const artist = await anArtist(pod.db, { name: `Foo ${number}`, coverId: (await aCover(pod.db)).id })
  const album = await anAlbum(pod.db, { artistId: artist.id, coverId: (await aCover(pod.db)).id })
  const given = { title: `Foo ${number}`, artistId: artist.id, albumId: album.id, attributedToId: user.id }
  const track = await aTrackIn(pod.db, 'instance', { ...given, coverId: (await aCover(pod.db)).id, owner: user })
  await tag(pod.db, { trackId: track.id }, 'Rock', `Tag${number}`)
  await tag(pod.db, { albumId: album.id }, 'Rock')
  await tag(pod.db, { artistId: artist.id }, 'Rock')
  const row = { userId: user.id, trackId: track.id, createdAt: new Date() }
  await pod.db.favorite.create({ data: row })
  await pod.db.listening.create({ data: row })
}

const filters = 'q=foo&playable=true&tag=rock&scope=me&has_albums=true'
/** The check of the token included. */
const most: [path: string, statements: number][] = [
  ['tracks', 4],
  ['tracks?ordering=album__title', 6],
  ['tracks?ordering=random', 5],
  [`tracks?${filters}&favorites=true`, 5],
  ['albums', 4],
  [`albums?${filters}`, 5],
  ['artists', 4],
  [`artists?${filters}`, 5],
  ['tags', 4],
  ['search?q=foo', 6],
  ['favorites/tracks', 6],
  ['history/listenings', 6],
]

test('a page of 50 takes as few statements as a page of 1', async () => {
  await addOne(0)
  for (const [path, limit] of most) {
    const { statements, shown } = await count(path)
    expect(shown, path).toBe(path === 'tags' ? 2 : 1)
    expect(statements, path).toBeLessThanOrEqual(limit)
  }
  for (let number = 1; number < 60; number += 1) await addOne(number)
  for (const [path, limit] of most) {
    const { statements, shown } = await count(path)
    expect(shown, path).toBe(path.startsWith('search') ? 3 : 50)
    expect(statements, path).toBeLessThanOrEqual(limit)
  }
})

test('one artist, album or track takes 3 with the check of the token, whatever belongs to it', async () => {
  for (let number = 0; number < 10; number += 1) await addOne(number)
  const artist = await pod.db.artist.findFirstOrThrow()
  await pod.db.album.updateMany({ data: { artistId: artist.id } })
  const track = await pod.db.track.findFirstOrThrow()
  for (const path of [`artists/${artist.id}`, `albums/${track.albumId}`, `tracks/${track.id}`]) {
    expect((await get(path)).statements, path).toBeLessThanOrEqual(3)
  }
})

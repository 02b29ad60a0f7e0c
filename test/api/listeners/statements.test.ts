import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { emptyDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anAlbum, anUpload, aPlaylist, aTrack } from '../../support/music.ts'
import { type WatchedPod, watchedPod } from '../../support/pods-together.ts'
import { type Body, json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

// How many statements a request sends must not grow with what it answers.

let pod: WatchedPod
beforeAll(async () => {
  pod = await watchedPod(await testDatabaseLocation())
})
afterAll(() => pod.close())

let user: User
let headers: Record<string, string>
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  headers = await tokenOf(pod, user, 'read', 'write')
  // The token is known from here on.
  await send(pod, 'GET', '/api/v1/activity', { headers })
})

async function statementsOf(method: 'GET' | 'POST' | 'DELETE', path: string, body?: Body): Promise<number> {
  const ask = () => send(pod, method, `/api/v1/${path}`, { headers, body })
  const { statements, result: answer } = await pod.statementsOf(ask)
  expect(answer.statusCode, answer.body).toBeLessThan(300)
  return statements.length
}

/** Tracks with all that is shown of them, each with a listener of its own who has liked it and put it on a list. */
async function moreOfEverything(times: number): Promise<number[]> {
  const trackIds: number[] = []
  for (let i = 0; i < times; i += 1) {
    const listener = await aUser(pod.db)
    const picture = { ownerId: listener.id, mimetype: 'image/png', size: 1, createdAt: new Date() }
    const cover = await pod.db.attachment.create({ data: { ...picture, uuid: crypto.randomUUID() } })
    await pod.db.user.update({ where: { id: listener.id }, data: { avatarId: cover.id } })
    const album = await anAlbum(pod.db, { coverId: cover.id, attributedToId: listener.id })
    const track = await aTrack(pod.db, { albumId: album.id, coverId: cover.id, attributedToId: listener.id })
    const library = await aLibrary(pod.db, { owner: listener, privacyLevel: 'everyone' })
    await anUpload(pod.db, { libraryId: library.id, trackId: track.id })
    const event = { userId: listener.id, trackId: track.id, createdAt: new Date() }
    await pod.db.favorite.create({ data: event })
    await pod.db.listening.create({ data: event })
    await aPlaylist(pod.db, listener, [track.id])
    trackIds.push(track.id)
  }
  return trackIds
}

test.each([
  ['favorites/tracks', 4],
  ['favorites/tracks/all', 1],
  ['history/listenings', 4],
  ['playlists', 6],
  ['activity', 1],
])('GET %s takes as many statements for many as for two, at most %i', async (path, most) => {
  await moreOfEverything(2)
  const few = await statementsOf('GET', path)
  await moreOfEverything(10)
  expect(await statementsOf('GET', path)).toBe(few)
  expect(few).toBeLessThanOrEqual(most)
})

test('so do the tracks of a playlist, and the libraries of a track', async () => {
  const trackIds = await moreOfEverything(2)
  const { id } = await aPlaylist(pod.db, user, trackIds)
  const few = await statementsOf('GET', `playlists/${id}/tracks`)
  const { id: long } = await aPlaylist(pod.db, user, await moreOfEverything(20))
  expect(await statementsOf('GET', `playlists/${long}/tracks`)).toBe(few)
  expect(few).toBeLessThanOrEqual(3)
  const one = await statementsOf('GET', `tracks/${trackIds[0]}/libraries`)
  for (let i = 0; i < 5; i += 1) {
    const { id: libraryId } = await aLibrary(pod.db, { privacyLevel: 'everyone' })
    await anUpload(pod.db, { libraryId, trackId: trackIds[0] ?? 0 })
  }
  expect(await statementsOf('GET', `tracks/${trackIds[0]}/libraries`)).toBe(one)
  expect(one).toBeLessThanOrEqual(5)
})

test('changes of a playlist take as many statements however long it is', async () => {
  const trackIds = await moreOfEverything(12)
  const short = (await aPlaylist(pod.db, user, trackIds.slice(0, 2))).id
  const long = (await aPlaylist(pod.db, user, trackIds)).id
  const tracks = (await moreOfEverything(2)).slice(0, 1)
  for (const [action, body] of [
    ['add', { tracks }],
    ['move', { from: 0, to: 1 }],
    ['remove', { index: 0 }],
  ] as const) {
    const few = await statementsOf('POST', `playlists/${short}/${action}`, json(body))
    expect(await statementsOf('POST', `playlists/${long}/${action}`, json(body)), action).toBe(few)
    expect(few, action).toBeLessThanOrEqual(8)
  }
})

test('a favorite and a listening are one statement each', async () => {
  const [track] = await moreOfEverything(1)
  expect(await statementsOf('POST', 'favorites/tracks', json({ track }))).toBeLessThanOrEqual(1)
  expect(await statementsOf('POST', 'history/listenings', json({ track }))).toBeLessThanOrEqual(1)
  expect(await statementsOf('POST', 'favorites/tracks/remove', json({ track }))).toBeLessThanOrEqual(1)
})

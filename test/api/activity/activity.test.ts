import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { anAlbum, anArtist, aTrack } from '../../support/music.ts'
import { postAs } from '../../support/oauth-flow.ts'
import { bearer, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())

let user: User
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db, { username: 'Ada', name: 'Ada L' })
})

const get = (headers = {}) => send(pod, 'GET', '/api/v1/activity/', { headers })

const at = (second: number) => new Date(Date.UTC(2024, 5, 1, 0, 0, second))

/** What is in it, like `Listen 5`. */
async function seenBy(headers: object): Promise<string[]> {
  const { results } = (await get(headers)).json()
  return results.map((one: { type: string; local_id: number }) => `${one.type} ${one.local_id}`)
}

test('shows listenings and favorites, mixed, newest first', async () => {
  const artist = await anArtist(pod.db, { name: 'Nina' })
  const album = await anAlbum(pod.db, { title: 'Blues', artistId: artist.id })
  const track = await aTrack(pod.db, { title: 'Sinnerman', artistId: artist.id, albumId: album.id })
  const mbid = '1b8bd0a1-11c3-4d9e-8b2d-5b9b6d2cf3a1'
  const single = await aTrack(pod.db, { title: 'Single', artistId: artist.id, mbid })
  const like = await pod.db.favorite.create({ data: { userId: user.id, trackId: track.id, createdAt: at(2) } })
  const listen = await pod.db.listening.create({ data: { userId: user.id, trackId: single.id, createdAt: at(1) } })
  const actor = { id: 'https://pod.example/@Ada', local_id: 'Ada', name: 'Ada', type: 'Person' }
  const answer = await get(await tokenOf(pod, user, 'read'))
  expect(answer.json()).toEqual({
    results: [
      {
        type: 'Like',
        id: `https://pod.example/@Ada/favorites/tracks/${like.id}`,
        local_id: like.id,
        published: '2024-06-01T00:00:02.000Z',
        actor,
        object: {
          id: `https://pod.example/tracks/${track.id}`,
          local_id: track.id,
          name: 'Sinnerman',
          type: 'Audio',
          artist: 'Nina',
          album: 'Blues',
        },
      },
      {
        type: 'Listen',
        id: `https://pod.example/@Ada/listenings/tracks/${listen.id}`,
        local_id: listen.id,
        published: '2024-06-01T00:00:01.000Z',
        actor,
        object: {
          id: `https://musicbrainz.org/recording/${mbid}`,
          local_id: single.id,
          name: 'Single',
          type: 'Audio',
          artist: 'Nina',
          album: null,
        },
      },
    ],
  })
})

test('shows the newest 20', async () => {
  const { id: trackId } = await aTrack(pod.db)
  const events = Array.from({ length: 30 }, (_, i) => ({ userId: user.id, trackId, createdAt: at(i) }))
  await pod.db.listening.createMany({ data: events })
  await pod.db.favorite.create({ data: { userId: user.id, trackId, createdAt: at(40) } })
  const { results } = (await get(await tokenOf(pod, user, 'read'))).json()
  expect(results).toHaveLength(20)
  expect(results[0].type).toBe('Like')
  expect(results.at(-1).published).toBe('2024-06-01T00:00:11.000Z')
})

test('shows of each user what they show to whom', async () => {
  await openPod(pod)
  const { id: trackId } = await aTrack(pod.db)
  for (const privacyLevel of ['me', 'followers', 'instance', 'everyone']) {
    const { id: userId } = await aUser(pod.db, { privacyLevel })
    await pod.db.listening.create({ data: { userId, trackId, createdAt: at(1) } })
  }
  expect(await seenBy(await tokenOf(pod, user, 'read'))).toHaveLength(2)
  expect(await seenBy({})).toHaveLength(1)
})

test('needs no scope, but shows nobody’s own without theirs', async () => {
  await pod.db.user.update({ where: { id: user.id }, data: { privacyLevel: 'me' } })
  const { id: trackId } = await aTrack(pod.db)
  const data = { userId: user.id, trackId, createdAt: at(1) }
  const like = `Like ${(await pod.db.favorite.create({ data })).id}`
  const listen = `Listen ${(await pod.db.listening.create({ data })).id}`
  const other = await pod.db.listening.create({ data: { ...data, userId: (await aUser(pod.db)).id } })
  const theirs = `Listen ${other.id}`
  const seen = async (scope: string) => (await seenBy(await tokenOf(pod, user, scope))).sort()
  expect(await seen('write:reports')).toEqual([theirs])
  expect(await seen('read:favorites')).toEqual([like, theirs])
  expect(await seen('read:listenings')).toEqual([listen, theirs].sort())
})

test('is for nobody without credentials, nor for a client that speaks for itself, unless the pod is open', async () => {
  const client = await aClient(pod.db)
  const { access_token } = (await postAs(pod, client, 'token', { grant_type: 'client_credentials' })).json()
  const statuses = async () => [(await get()).statusCode, (await get(bearer(access_token))).statusCode]
  expect(await statuses()).toEqual([401, 403])
  await openPod(pod)
  expect(await statuses()).toEqual([200, 200])
})

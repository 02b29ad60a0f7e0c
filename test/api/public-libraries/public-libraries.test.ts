import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Library, Track, User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from '../../support/music.ts'
import { send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())

let owner: User
let headers: Record<string, string>
let track: Track
let albumArtistId: number
let shared: Library
beforeEach(async () => {
  await emptyDatabase(pod.db)
  owner = await aUser(pod.db, { username: 'Ada' })
  headers = await tokenOf(pod, await aUser(pod.db), 'read:libraries', 'write:libraries')
  albumArtistId = (await anArtist(pod.db)).id
  const album = await anAlbum(pod.db, { artistId: albumArtistId })
  track = await aTrack(pod.db, { albumId: album.id })
  shared = await aLibrary(pod.db, { owner, name: 'Shared', description: 'Mine', privacyLevel: 'instance' })
})

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/${path}`, { headers: as })

const namesAt = async (path: string, as = headers) => {
  const { count, results } = (await get(path, as)).json()
  expect(count).toBe(results.length)
  return results.map(({ name }: { name: string }) => name)
}

const shownLibrary = () => ({
  fid: `https://pod.example/federation/music/libraries/${shared.uuid}`,
  uuid: shared.uuid,
  actor: expect.objectContaining({ full_username: 'Ada@pod.example' }),
  name: 'Shared',
  description: 'Mine',
  creation_date: shared.createdAt.toISOString(),
  uploads_count: 2,
  privacy_level: 'instance',
  follow: null,
  latest_scan: null,
})

describe('…/libraries', () => {
  const everywhere = () => [
    `tracks/${track.id}/libraries/`,
    `albums/${track.albumId}/libraries/`,
    `artists/${track.artistId}/libraries/`,
    `artists/${albumArtistId}/libraries/`,
    'federation/actors/ada@pod.example/libraries/',
  ]

  test('lists a library once, however much it holds', async () => {
    await anUpload(pod.db, { libraryId: shared.id, trackId: track.id })
    await anUpload(pod.db, { libraryId: shared.id, trackId: track.id })
    for (const path of everywhere()) {
      expect((await get(path)).json(), path).toEqual({
        count: 1,
        next: null,
        previous: null,
        results: [shownLibrary()],
      })
    }
  })

  test('lists only what the viewer may play', async () => {
    await openPod(pod)
    for (const [name, privacyLevel, importStatus] of [
      ['private', 'me', 'finished'],
      ['shared', 'instance', 'skipped'],
      ['public', 'everyone', 'finished'],
      ['unfinished', 'everyone', 'pending'],
    ] as const) {
      const library = await aLibrary(pod.db, { owner, name, privacyLevel })
      await anUpload(pod.db, { libraryId: library.id, trackId: track.id, importStatus })
    }
    const own = await tokenOf(pod, owner, 'read:libraries')
    for (const path of everywhere()) {
      expect(await namesAt(path), path).toEqual(['public', 'shared'])
      expect(await namesAt(path, own), path).toEqual(['public', 'shared', 'private'])
      expect(await namesAt(path, {}), path).toEqual(['public'])
    }
  })

  test('lists nothing for what nobody has, and is not there for what is unknown', async () => {
    const other = await aTrack(pod.db)
    await anUpload(pod.db, { libraryId: shared.id, trackId: track.id })
    expect(await namesAt(`tracks/${other.id}/libraries/`)).toEqual([])
    for (const kind of ['artists', 'albums', 'tracks']) {
      for (const id of ['2000000000', 'x']) expect((await get(`${kind}/${id}/libraries/`)).statusCode).toBe(404)
    }
    expect((await get('federation/actors/nobody@pod.example/libraries/')).statusCode).toBe(404)
  })

  test('comes in pages', async () => {
    for (let i = 0; i < 3; i += 1) {
      const { id: libraryId } = await aLibrary(pod.db, { name: `L${i}`, privacyLevel: 'everyone' })
      await anUpload(pod.db, { libraryId, trackId: track.id })
    }
    const path = `tracks/${track.id}/libraries/?page_size=2`
    expect((await get(path)).json()).toMatchObject({
      count: 3,
      next: `https://pod.example/api/v1/${path}&page=2`,
      results: [{ name: 'L2' }, { name: 'L1' }],
    })
  })
})

describe('federation/libraries/<uuid>', () => {
  test('shows a library that the viewer may play from, and no other', async () => {
    await anUpload(pod.db, { libraryId: shared.id, trackId: track.id })
    await anUpload(pod.db, { libraryId: shared.id, importStatus: 'pending' })
    const hidden = await aLibrary(pod.db, { owner })
    expect((await get(`federation/libraries/${shared.uuid}/`)).json()).toEqual(shownLibrary())
    for (const uuid of [hidden.uuid, crypto.randomUUID(), 'x']) {
      const answer = await get(`federation/libraries/${uuid}/`)
      expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
    }
    const own = await tokenOf(pod, owner, 'read:libraries')
    expect((await get(`federation/libraries/${hidden.uuid}/`, own)).statusCode).toBe(200)
  })

  test('is for nobody who is not known, also where the pod is open', async () => {
    await openPod(pod)
    expect((await get(`federation/libraries/${shared.uuid}/`, {})).statusCode).toBe(401)
  })

  test('a scan has nothing to do', async () => {
    const scan = (uuid: string) => send(pod, 'POST', `/api/v1/federation/libraries/${uuid}/scan/`, { headers })
    expect((await scan(shared.uuid)).json()).toEqual({ status: 'skipped' })
    const hidden = await aLibrary(pod.db, { owner })
    expect((await scan(hidden.uuid)).statusCode).toBe(404)
  })
})

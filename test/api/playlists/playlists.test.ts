import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anAlbum, anUpload, aPlaylist, aTrack } from '../../support/music.ts'
import { bodies, json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())

let user: User
let headers: Record<string, string>
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db, { username: 'Ada', name: 'Ada L', privacyLevel: 'everyone' })
  headers = await tokenOf(pod, user, 'read:playlists', 'write:playlists')
})

const url = '/api/v1/playlists/'

describe('POST playlists', () => {
  test.each(Object.entries(bodies))('makes one from %s, as private as its owner', async (_, body) => {
    const answer = await send(pod, 'POST', url, { body: body({ name: ' Mix ' }), headers })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({
      id: expect.any(Number),
      name: 'Mix',
      user: { id: user.id, username: 'Ada', name: 'Ada L', date_joined: expect.stringMatching(/Z$/), avatar: null },
      modification_date: expect.stringMatching(/\.\d+Z$/),
      creation_date: expect.stringMatching(/\.\d+Z$/),
      privacy_level: 'everyone',
      tracks_count: 0,
      album_covers: [],
      duration: 0,
      is_playable: false,
      actor: expect.objectContaining({ full_username: 'Ada@pod.example', type: 'Person' }),
    })
  })

  test('takes a level of its own, and nothing that is not its owner’s to say', async () => {
    const body = json({ name: 'x', privacy_level: 'me', user: 99, id: 5, tracks_count: 3 })
    const { id, ...made } = (await send(pod, 'POST', url, { body, headers })).json()
    expect(made).toMatchObject({ privacy_level: 'me', tracks_count: 0 })
    expect(await pod.db.playlist.findUnique({ where: { id } })).toMatchObject({ userId: user.id })
  })

  test.each([
    [{}, { name: ['This field is required.'] }],
    [{ name: '  ' }, { name: ['This field may not be blank.'] }],
    [{ name: 'x'.repeat(51) }, { name: ['Ensure this field has no more than 50 characters.'] }],
    [{ name: 'a\nb' }, { name: ['Control characters are not allowed.'] }],
    [{ name: 'x', privacy_level: 'all' }, { privacy_level: ['"all" is not a valid choice.'] }],
  ])('refuses %j', async (body, expected) => {
    const answer = await send(pod, 'POST', url, { body: json(body), headers })
    expect([answer.statusCode, answer.json()]).toEqual([400, expected])
    expect(await pod.db.playlist.count()).toBe(0)
  })
})

describe('GET playlists/<id>', () => {
  const get = (id: number | string, as = headers) => send(pod, 'GET', `${url}${id}/`, { headers: as })

  test('sums up what is in it: the first upload of each track counts, once for each entry', async () => {
    const track = await aTrack(pod.db)
    const other = await aTrack(pod.db)
    const { libraryId } = await anUpload(pod.db, { trackId: track.id, duration: 100 })
    await anUpload(pod.db, { libraryId, trackId: track.id, duration: 7 })
    await anUpload(pod.db, { libraryId, trackId: other.id, duration: 45, importStatus: 'errored' })
    const bare = await aTrack(pod.db)
    const { id } = await aPlaylist(pod.db, user, [track.id, other.id, bare.id, track.id])
    expect((await get(id)).json()).toMatchObject({ tracks_count: 4, duration: 245, is_playable: false })
  })

  test.each([
    ['me', 'finished', false],
    ['instance', 'finished', true],
    ['instance', 'skipped', true],
    ['instance', 'pending', false],
  ])('is playable for another user, with an upload in a library for %s that is %s: %s', async (level, status, is) => {
    const { id: libraryId } = await aLibrary(pod.db, { privacyLevel: level })
    const { trackId } = await anUpload(pod.db, {
      libraryId,
      importStatus: status,
      trackId: (await aTrack(pod.db)).id,
    })
    const { id } = await aPlaylist(pod.db, user, [trackId ?? 0])
    expect((await get(id)).json().is_playable).toBe(is)
  })

  test('shows up to five covers of its albums, each once, in the order of the tracks', async () => {
    const trackIds: number[] = []
    const uuids: string[] = []
    for (let i = 0; i < 6; i += 1) {
      const uuid = `0000000${i}-0000-4000-8000-000000000000`
      const cover = { uuid, ownerId: user.id, mimetype: 'image/jpeg', size: 1, createdAt: new Date() }
      const { id: coverId } = await pod.db.attachment.create({ data: cover })
      const album = await anAlbum(pod.db, { coverId })
      trackIds.unshift((await aTrack(pod.db, { albumId: album.id })).id)
      uuids.unshift(uuid)
    }
    const plain = await aTrack(pod.db, { albumId: (await anAlbum(pod.db)).id })
    const [first = 0, ...rest] = trackIds
    const { id } = await aPlaylist(pod.db, user, [plain.id, first, first, ...rest, first])
    expect((await get(id)).json().album_covers).toEqual(
      uuids.slice(0, 5).map((uuid) => `https://pod.example/media/attachments/${uuid}/medium_square_crop.jpg`),
    )
  })

  test.each([
    ['me', [200, 404, 404]],
    ['followers', [200, 404, 404]],
    ['instance', [200, 200, 404]],
    ['everyone', [200, 200, 200]],
  ])('one for %s answers its owner, another user and nobody: %j (Q10)', async (privacyLevel, expected) => {
    await openPod(pod)
    const { id } = await aPlaylist(pod.db, user, [], { privacyLevel })
    const other = await tokenOf(pod, await aUser(pod.db), 'read:playlists')
    for (const path of [`${id}`, `${id}/tracks`]) {
      const statuses = [await get(path), await get(path, other), await get(path, {})].map((one) => one.statusCode)
      expect(statuses).toEqual(expected)
    }
  })

  test.each(['0', '-1', 'x', '1e3', '99999999999', '2000000000'])('there is none at %s', async (id) => {
    const answer = await get(id)
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
  })
})

describe('changing a playlist', () => {
  test.each(Object.entries(bodies))('PATCH with %s changes what it names', async (_, body) => {
    const { id, modifiedAt } = await aPlaylist(pod.db, user, [], { name: 'old' })
    const change = (fields: Record<string, string>) =>
      send(pod, 'PATCH', `${url}${id}/`, { body: body(fields), headers })
    const answer = await change({ name: 'new' })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      expect.objectContaining({ id, name: 'new', privacy_level: 'instance' }),
    ])
    expect(new Date(answer.json().modification_date).getTime()).toBeGreaterThan(modifiedAt.getTime())
    expect((await change({ privacy_level: 'me' })).json()).toMatchObject({ name: 'new', privacy_level: 'me' })
  })

  test('PUT needs a name', async () => {
    const { id } = await aPlaylist(pod.db, user)
    const put = (body: object) => send(pod, 'PUT', `${url}${id}/`, { body: json(body), headers })
    expect((await put({ privacy_level: 'me' })).json()).toEqual({ name: ['This field is required.'] })
    expect((await put({ name: 'new' })).json()).toMatchObject({ name: 'new', privacy_level: 'instance' })
  })

  test('DELETE takes it away with its entries', async () => {
    const { id } = await aPlaylist(pod.db, user, [(await aTrack(pod.db)).id])
    expect((await send(pod, 'DELETE', `${url}${id}/`, { headers })).statusCode).toBe(204)
    expect(await pod.db.playlistTrack.count()).toBe(0)
    expect((await send(pod, 'DELETE', `${url}${id}/`, { headers })).statusCode).toBe(404)
  })

  test.each(['PATCH', 'PUT', 'DELETE'] as const)('%s of somebody else’s: 404, and nothing changes', async (method) => {
    const { id } = await aPlaylist(pod.db, user, [], { name: 'mine', privacyLevel: 'everyone' })
    const stranger = await tokenOf(pod, await aUser(pod.db), 'write:playlists')
    const answer = await send(pod, method, `${url}${id}/`, { body: json({ name: 'theirs' }), headers: stranger })
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
    expect(await pod.db.playlist.findUnique({ where: { id } })).toMatchObject({ name: 'mine' })
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { aCover, aTrackIn, coverOnWire, lister, tag } from '../../support/catalogue.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { anAlbum, anArtist, aTrack } from '../../support/music.ts'
import { type Headers, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

const publicUrl = 'https://pod.example'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl })
})
afterAll(() => pod.close())

let user: User
let headers: Headers
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  headers = await tokenOf(pod, user, 'read:libraries')
})

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/artists/${path}`, { headers: as })
const list = (query?: string, as?: Headers) => lister(pod, '/api/v1/artists', () => headers)(query, as)

describe('GET artists/<id>', () => {
  test('shows all of an artist, with the albums of their own, newest first', async () => {
    const [cover, albumCover] = [await aCover(pod.db), await aCover(pod.db)]
    const artist = await anArtist(pod.db, {
      name: 'Foo',
      mbid: 'ba4a6bb2-3b1c-4a3e-9f4e-222222222222',
      coverId: cover.id,
      attributedToId: user.id,
      descriptionText: '<b>Band</b><script>x</script>',
      descriptionContentType: 'text/html',
    })
    await tag(pod.db, { artistId: artist.id }, 'Rock', 'Folk')
    const older = await anAlbum(pod.db, { artistId: artist.id, releaseDate: new Date('2019-01-02') })
    const newer = await anAlbum(pod.db, { artistId: artist.id, coverId: albumCover.id })
    const others = await anAlbum(pod.db)
    // On an album of theirs, credited to a guest; and the other way round.
    await aTrackIn(pod.db, 'instance', { albumId: older.id })
    await aTrack(pod.db, { albumId: others.id, artistId: artist.id })

    const album = (row: typeof older) => ({
      id: row.id,
      fid: `${publicUrl}/federation/music/albums/${row.uuid}`,
      mbid: null,
      title: row.title,
      artist: artist.id,
      release_date: null,
      creation_date: row.createdAt.toISOString(),
      cover: null,
      is_playable: false,
      is_local: true,
      tracks_count: 0,
    })
    const shown = {
      id: artist.id,
      fid: `${publicUrl}/federation/music/artists/${artist.uuid}`,
      mbid: artist.mbid,
      name: 'Foo',
      content_category: 'music',
      creation_date: artist.createdAt.toISOString(),
      is_local: true,
      tags: ['Folk', 'Rock'],
      attributed_to: expect.objectContaining({ preferred_username: user.username }),
      channel: null,
      tracks_count: 1,
      cover: coverOnWire(cover, publicUrl),
      albums: [
        { ...album(newer), cover: coverOnWire(albumCover, publicUrl) },
        { ...album(older), release_date: '2019-01-02', is_playable: true, tracks_count: 1 },
      ],
    }
    const description = { text: '<b>Band</b><script>x</script>', content_type: 'text/html', html: '<b>Band</b>' }
    expect((await get(`${artist.id}`)).json()).toEqual({ ...shown, description })
    const { results } = (await get('?name=Foo')).json()
    expect(results).toEqual([shown])
  })

  test.each(['999999', 'x'])('knows no artist %s', async (id) => {
    expect((await get(id)).statusCode).toBe(404)
  })

  test('albums show whether this viewer may play them', async () => {
    const artist = await anArtist(pod.db)
    const album = await anAlbum(pod.db, { artistId: artist.id })
    await aTrackIn(pod.db, 'me', { albumId: album.id, owner: user })
    const stranger = await tokenOf(pod, await aUser(pod.db), 'read:libraries')
    expect((await get(`${artist.id}`)).json().albums[0].is_playable).toBe(true)
    expect((await get(`${artist.id}`, stranger)).json().albums[0].is_playable).toBe(false)
  })
})

describe('filters of artists', () => {
  test('playable, scope and library go by the tracks credited to them, not by their albums (1.9)', async () => {
    const credited = await anArtist(pod.db)
    const host = await anArtist(pod.db)
    const album = await anAlbum(pod.db, { artistId: host.id })
    await aTrackIn(pod.db, 'me', { artistId: credited.id, albumId: album.id, owner: user })
    const library = await pod.db.library.findFirstOrThrow()
    for (const query of ['playable=true', 'scope=me', 'scope=domain:pod.example', `library=${library.uuid}`])
      expect(await list(query), query).toEqual([credited.id])
    expect(await list('playable=false')).toEqual([host.id])
    const stranger = await tokenOf(pod, await aUser(pod.db), 'read:libraries')
    for (const query of ['playable=true', 'scope=me', `library=${library.uuid}`])
      expect(await list(query, stranger), query).toEqual([])
  })

  test('has_albums: true, false, or empty for no filter', async () => {
    const { artistId } = await anAlbum(pod.db)
    const { id } = await anArtist(pod.db)
    expect(await list('has_albums=true')).toEqual([artistId])
    expect(await list('has_albums=0')).toEqual([id])
    expect(await list('has_albums=')).toEqual([id, artistId])
  })

  test('name in all ways, mbid, content_category, tag and related', async () => {
    const mbid = '5b0ff0c1-0000-4000-8000-000000000001'
    const { id } = await anArtist(pod.db, { name: 'Élan Vital', mbid, contentCategory: 'other' })
    const friend = await anArtist(pod.db, { name: 'Friend' })
    await tag(pod.db, { artistId: id }, 'Rock', 'Pop')
    await tag(pod.db, { artistId: friend.id }, 'Pop')
    for (const query of [
      'name=%C3%89lan Vital',
      'name__iexact=%C3%A9LAN vital',
      'name__startswith=%C3%89lan',
      'name__icontains=N v',
      `mbid=${mbid}`,
      'content_category=other',
      'tag=rock,pop',
      `related=${friend.id}`,
    ]) {
      expect(await list(query), query).toEqual([id])
    }
    expect(await list('name=elan vital')).toEqual([])
    expect(await list('name__startswith=%C3%A9lan')).toEqual([])
  })

  test.each([
    ['mbid=x', 'mbid'],
    ['content_category=film', 'content_category'],
    ['related=x', 'related'],
    ['ordering=title', 'ordering'],
    ['ordering=-related', 'ordering'],
  ])('%s is refused (1.6)', async (query, field) => {
    const answer = await get(`?${query}`)
    expect([answer.statusCode, answer.json()]).toEqual([400, { [field]: [expect.any(String)] }])
  })

  test('hidden=true finds nothing for who is known, and is no filter for others', async () => {
    const { id } = await anArtist(pod.db)
    expect(await list('hidden=true')).toEqual([])
    await openPod(pod)
    expect(await list('hidden=true', {})).toEqual([id])
  })
})

describe('orders of artists', () => {
  test.each([
    ['', [3, 2, 1, 0]],
    ['id', [0, 1, 2, 3]],
    ['name', [3, 1, 0, 2]],
    // Only the ascending order ignores case.
    ['-name', [1, 2, 0, 3]],
    ['-creation_date', [0, 1, 2, 3]],
    ['modification_date', [3, 2, 1, 0]],
  ])('ordering=%s lists them as %j', async (ordering, expected) => {
    const day = (number: number) => new Date(Date.UTC(2020, 0, number))
    const ids: number[] = []
    for (const [index, name] of ['Bob', 'alice', 'Carl', 'Adam'].entries()) {
      const at = day(9 - index)
      ids.push((await anArtist(pod.db, { name, createdAt: at, modifiedAt: at })).id)
    }
    expect((await list(`ordering=${ordering}`)).map((id) => ids.indexOf(id))).toEqual(expected)
  })
})

test.each(['', '1'])('artists/%s needs read:libraries, unless the pod is open', async (path) => {
  expect((await get(path, {})).statusCode).toBe(401)
  expect((await get(path, await tokenOf(pod, user, 'write:libraries'))).statusCode).toBe(403)
  await openPod(pod)
  expect((await get(path, {})).statusCode).toBe(path === '' ? 200 : 404)
})

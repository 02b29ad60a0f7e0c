import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { aCover, aTrackIn, coverOnWire, lister, tag } from '../../support/catalogue.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from '../../support/music.ts'
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

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/albums/${path}`, { headers: as })
const list = (query?: string, as?: Headers) => lister(pod, '/api/v1/albums', () => headers)(query, as)

async function anAlbumIn(level: string, owner?: User) {
  const album = await anAlbum(pod.db)
  await aTrackIn(pod.db, level, { albumId: album.id, ...(owner && { owner }) })
  return album
}

describe('GET albums/<id>', () => {
  test('shows all of an album, without its tracks', async () => {
    const cover = await aCover(pod.db)
    const artist = await anArtist(pod.db, { name: 'Foo' })
    const album = await anAlbum(pod.db, {
      title: 'Bar',
      artistId: artist.id,
      mbid: 'ba4a6bb2-3b1c-4a3e-9f4e-222222222222',
      releaseDate: new Date('1999-12-31'),
      coverId: cover.id,
      attributedToId: user.id,
      descriptionText: 'Live',
      descriptionContentType: 'text/markdown',
    })
    await tag(pod.db, { albumId: album.id }, 'Rock', 'Folk')
    const library = await aLibrary(pod.db, { owner: user })
    const [track] = [await aTrack(pod.db, { albumId: album.id }), await aTrack(pod.db, { albumId: album.id })]
    for (const duration of [100, 120]) {
      await anUpload(pod.db, { trackId: track.id, libraryId: library.id, duration })
    }
    const shown = {
      id: album.id,
      fid: `${publicUrl}/federation/music/albums/${album.uuid}`,
      mbid: album.mbid,
      title: 'Bar',
      artist: {
        id: artist.id,
        fid: `${publicUrl}/federation/music/artists/${artist.uuid}`,
        mbid: null,
        name: 'Foo',
        creation_date: artist.createdAt.toISOString(),
        modification_date: artist.modifiedAt.toISOString(),
        is_local: true,
        content_category: 'music',
        description: null,
        attachment_cover: null,
        channel: null,
      },
      release_date: '1999-12-31',
      creation_date: album.createdAt.toISOString(),
      cover: coverOnWire(cover, publicUrl),
      is_playable: true,
      is_local: true,
      tags: ['Folk', 'Rock'],
      tracks_count: 2,
      attributed_to: expect.objectContaining({ full_username: `${user.username}@pod.example` }),
      duration: 120,
    }
    const description = { text: 'Live', content_type: 'text/markdown', html: '<p>Live</p>' }
    expect((await get(`${album.id}`)).json()).toEqual({ ...shown, description })
    expect((await get('')).json().results).toEqual([shown])
  })

  test.each(['999999', 'x'])('knows no album %s', async (id) => {
    expect((await get(id)).statusCode).toBe(404)
  })
})

test('is playable, and so long, for who may play one of its tracks', async () => {
  await openPod(pod)
  const [own, pods, everyones] = [await anAlbumIn('me', user), await anAlbumIn('instance'), await anAlbumIn('everyone')]
  const stranger = await tokenOf(pod, await aUser(pod.db), 'read:libraries')
  for (const [as, playable] of [
    [headers, [everyones, pods, own]],
    [stranger, [everyones, pods]],
    [{}, [everyones]],
  ] as const) {
    const ids = playable.map(({ id }) => id)
    expect(await list('playable=true', as)).toEqual(ids)
    expect(await list('playable=false', as)).toEqual([everyones, pods, own].map(({ id }) => id).slice(ids.length))
    const { results } = (await get('', as)).json()
    const shown = results.filter(({ is_playable }: { is_playable: boolean }) => is_playable)
    expect(shown.map(({ id, duration }: Record<string, number>) => [id, duration])).toEqual(ids.map((id) => [id, 180]))
  }
})

describe('filters of albums', () => {
  test('artist leaves the albums of that artist, not those with a track by them', async () => {
    const artist = await anArtist(pod.db)
    const { id } = await anAlbum(pod.db, { artistId: artist.id })
    const guest = await anAlbum(pod.db)
    await aTrack(pod.db, { albumId: guest.id, artistId: artist.id })
    expect(await list(`artist=${artist.id}`)).toEqual([id])
  })

  test.each([
    ['artist=999999', 'artist'],
    ['artist=x', 'artist'],
    ['mbid=x', 'mbid'],
    ['content_category=film', 'content_category'],
    ['ordering=position', 'ordering'],
    ['ordering=related', 'ordering'],
  ])('%s is refused (1.6)', async (query, field) => {
    const answer = await get(`?${query}`)
    expect([answer.statusCode, answer.json()]).toEqual([400, { [field]: [expect.any(String)] }])
  })

  test('content_category, mbid, tag and related leave what they name', async () => {
    const artist = await anArtist(pod.db, { contentCategory: 'podcast' })
    const mbid = '5b0ff0c1-0000-4000-8000-000000000001'
    const one = await anAlbum(pod.db, { artistId: artist.id, mbid })
    const other = await anAlbum(pod.db)
    await anAlbum(pod.db)
    await tag(pod.db, { albumId: one.id }, 'Rock', 'Pop')
    await tag(pod.db, { albumId: other.id }, 'rock')
    await tag(pod.db, { artistId: artist.id }, 'Punk')
    expect(await list('content_category=podcast')).toEqual([one.id])
    expect(await list(`mbid=${mbid}`)).toEqual([one.id])
    expect(await list('tag=ROCK')).toEqual([other.id, one.id])
    expect(await list('tag=rock&tag=pop')).toEqual([one.id])
    expect(await list('tag=punk')).toEqual([])
    expect(await list(`related=${one.id}`)).toEqual([other.id])
  })

  test('scope and library leave the albums with music of those they name', async () => {
    const mine = await anAlbumIn('me', user)
    const theirs = await anAlbumIn('me')
    const libraries = await pod.db.library.findMany({ orderBy: { id: 'asc' } })
    expect(await list('scope=me')).toEqual([mine.id])
    expect(await list('scope=domain:pod.example')).toEqual([theirs.id, mine.id])
    expect(await list(`library=${libraries[0]?.uuid}`)).toEqual([mine.id])
    expect(await list(`library=${libraries[1]?.uuid}`)).toEqual([])
  })

  test('a library or channel that is none, and what is hidden, leave nothing', async () => {
    await anAlbumIn('everyone', user)
    expect(await list('library=x')).toEqual([])
    expect(await list('channel=x')).toEqual([])
    expect(await list('hidden=true')).toEqual([])
  })
})

describe('orders of albums', () => {
  test.each([
    ['', [2, 1, 0]],
    ['creation_date', [0, 1, 2]],
    ['title', [1, 2, 0]],
    ['release_date', [2, 0, 1]],
    ['-release_date', [1, 0, 2]],
    ['artist__modification_date', [2, 0, 1]],
  ])('ordering=%s lists them as %j', async (ordering, expected) => {
    const day = (number: number) => new Date(Date.UTC(2020, 0, number))
    const [old, fresh] = [
      await anArtist(pod.db, { modifiedAt: day(1) }),
      await anArtist(pod.db, { modifiedAt: day(2) }),
    ]
    const ids = [
      await anAlbum(pod.db, { title: 'c', artistId: fresh.id, releaseDate: day(2) }),
      await anAlbum(pod.db, { title: 'a', artistId: fresh.id }),
      await anAlbum(pod.db, { title: 'b', artistId: old.id, releaseDate: day(1) }),
    ].map(({ id }) => id)
    expect((await list(`ordering=${ordering}`)).map((id) => ids.indexOf(id))).toEqual(expected)
  })
})

test.each(['', '1'])('albums/%s needs read:libraries, unless the pod is open', async (path) => {
  expect((await get(path, {})).statusCode).toBe(401)
  expect((await get(path, await tokenOf(pod, user, 'read:favorites'))).statusCode).toBe(403)
  await openPod(pod)
  expect((await get(path, {})).statusCode).toBe(path === '' ? 200 : 404)
})

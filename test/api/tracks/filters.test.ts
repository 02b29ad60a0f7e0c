import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { aTrackIn, lister, tag } from '../../support/catalogue.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from '../../support/music.ts'
import { type Headers, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())

let user: User
let headers: Headers
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db, { username: 'Alice' })
  headers = await tokenOf(pod, user, 'read:libraries')
})

/** The ids on the page, newest first unless ordered. */
const list = (query?: string, as?: Headers) => lister(pod, '/api/v1/tracks', () => headers)(query, as)

async function refusal(query: string) {
  const answer = await send(pod, 'GET', `/api/v1/tracks?${query}`, { headers })
  expect(answer.statusCode, answer.body).toBe(400)
  return answer.json()
}

describe('filters of tracks', () => {
  test('playable: true, false, and everything else is no filter', async () => {
    const yes = await aTrackIn(pod.db, 'everyone')
    const no = await aTrackIn(pod.db, 'me')
    const none = await aTrack(pod.db)
    for (const word of ['true', 'True', 'TRUE', '1']) expect(await list(`playable=${word}`)).toEqual([yes.id])
    // Tracks without any file as well (Q19).
    for (const word of ['false', 'False', '0']) expect(await list(`playable=${word}`)).toEqual([none.id, no.id])
    for (const word of ['', 'maybe', '2']) expect(await list(`playable=${word}`)).toHaveLength(3)
  })

  test('of a scalar that is given twice the last value counts (1.6)', async () => {
    const yes = await aTrackIn(pod.db, 'everyone')
    const no = await aTrackIn(pod.db, 'me')
    expect(await list('playable=true&playable=false')).toEqual([no.id])
    expect(await list('scope=me&scope=all')).toEqual([no.id, yes.id])
    expect(await list('scope=all&scope=me')).toEqual([])
  })

  test('artist: whom the track is credited to, or whose album it is on', async () => {
    const artist = await anArtist(pod.db)
    const album = await anAlbum(pod.db, { artistId: artist.id })
    const credited = await aTrack(pod.db, { artistId: artist.id })
    const onAlbum = await aTrack(pod.db, { albumId: album.id })
    await aTrack(pod.db)
    expect(await list(`artist=${artist.id}`)).toEqual([onAlbum.id, credited.id])
  })

  test('album, license, mbid and title leave what they name, and only __iexact and __icontains ignore case', async () => {
    const album = await anAlbum(pod.db)
    const mbid = '5b0ff0c1-0000-4000-8000-000000000001'
    const given = { albumId: album.id, license: 'cc-by-4.0', mbid, title: 'Große Fuge' }
    const { id } = await aTrack(pod.db, given)
    await aTrack(pod.db, { title: 'Other', license: 'cc0-1.0' })
    expect(await list(`album=${album.id}`)).toEqual([id])
    expect(await list('license=cc-by-4.0')).toEqual([id])
    expect(await list(`mbid=${mbid.toUpperCase()}`)).toEqual([id])
    expect(await list('title=Gro%C3%9Fe Fuge')).toEqual([id])
    expect(await list('title=gro%C3%9Fe fuge')).toEqual([])
    expect(await list('title__iexact=GRO%C3%9FE FUGE')).toEqual([id])
    expect(await list('title__startswith=Gro')).toEqual([id])
    expect(await list('title__startswith=gro')).toEqual([])
    expect(await list('title__startswith=%25')).toEqual([])
    expect(await list('title__icontains=E%20f')).toEqual([id])
    expect(await list('title__icontains=_')).toEqual([])
  })

  test.each([
    ['artist=999999', 'artist'],
    ['album=999999', 'album'],
    ['album=99999999999999', 'album'],
    ['artist=x', 'artist'],
    ['license=mine', 'license'],
    ['mbid=x', 'mbid'],
    ['id=1,x', 'id'],
    ['related=x', 'related'],
  ])('%s is refused (1.6)', async (query, field) => {
    expect(await refusal(query)).toEqual({ [field]: [expect.any(String)] })
  })

  test('id: as many as are given, in all notations', async () => {
    const [a, b, c] = [await aTrack(pod.db), await aTrack(pod.db), await aTrack(pod.db)]
    for (const query of [
      `id=${a.id},${c.id}`,
      `id=${a.id}&id=${c.id}`,
      `id[]=${a.id}&id[]=${c.id}`,
      `id%5B%5D=${a.id}&id=${c.id},,${c.id}`,
    ]) {
      expect(await list(query)).toEqual([c.id, a.id])
    }
    expect(await list(`id=${b.id}&id=99999999999`)).toEqual([b.id])
    expect(await list('id=')).toHaveLength(3)
  })

  test('tag: all of them, whatever their case, and only tags of the track itself', async () => {
    const album = await anAlbum(pod.db)
    const rock = await aTrack(pod.db, { albumId: album.id })
    const both = await aTrack(pod.db)
    await tag(pod.db, { trackId: rock.id }, 'Rock')
    await tag(pod.db, { trackId: both.id }, 'Rock', 'Jazz')
    await tag(pod.db, { albumId: album.id }, 'Jazz')
    expect(await list('tag=rock')).toEqual([both.id, rock.id])
    for (const query of ['tag=ROCK&tag=jazz', 'tag=rock,jazz', 'tag[]=rock&tag[]=Jazz', 'tag=jazz,,jazz'])
      expect(await list(query)).toEqual([both.id])
    expect(await list('tag=roc')).toEqual([])
  })

  test('related: those that share a tag; ordered by how many', async () => {
    const [one, near, far, alone] = await Promise.all([1, 2, 3, 4].map(() => aTrack(pod.db)))
    if (!one || !near || !far || !alone) throw new Error('four tracks')
    await tag(pod.db, { trackId: one.id }, 'a', 'b', 'c')
    await tag(pod.db, { trackId: far.id }, 'c', 'd')
    await tag(pod.db, { trackId: near.id }, 'a', 'b')
    await tag(pod.db, { trackId: alone.id }, 'd')
    expect(new Set(await list(`related=${one.id}`))).toEqual(new Set([near.id, far.id]))
    expect(await list(`related=${one.id}&ordering=-related`)).toEqual([near.id, far.id])
    expect(await list(`related=${one.id}&ordering=related`)).toEqual([far.id, near.id])
    expect(await list('related=999999')).toEqual([])
    expect(await list('related=99999999999')).toEqual([])
    expect(await refusal('ordering=related')).toEqual({ ordering: [expect.any(String)] })
  })

  test('library: what the viewer may play of it; nothing of one that is not there (Q2)', async () => {
    const [open, closed] = [await aLibrary(pod.db, { privacyLevel: 'instance' }), await aLibrary(pod.db)]
    const track = await aTrack(pod.db)
    const broken = await aTrack(pod.db)
    await anUpload(pod.db, { trackId: track.id, libraryId: open.id })
    await anUpload(pod.db, { trackId: track.id, libraryId: closed.id })
    await anUpload(pod.db, { trackId: broken.id, libraryId: open.id, importStatus: 'errored' })
    expect(await list(`library=${open.uuid}`)).toEqual([track.id])
    expect(await list(`library=${closed.uuid}`)).toEqual([])
    for (const uuid of ['x', '11111111-1111-4111-8111-111111111111']) expect(await list(`library=${uuid}`)).toEqual([])
    expect(await list('library=')).toHaveLength(2)
  })

  test('favorites: exactly "true", and only the viewer’s', async () => {
    const [mine, theirs] = [await aTrack(pod.db), await aTrack(pod.db)]
    const other = await aUser(pod.db)
    await pod.db.favorite.createMany({
      data: [
        { userId: user.id, trackId: mine.id, createdAt: new Date() },
        { userId: other.id, trackId: theirs.id, createdAt: new Date() },
      ],
    })
    expect(await list('favorites=true')).toEqual([mine.id])
    for (const word of ['True', '1', 'false', '']) expect(await list(`favorites=${word}`)).toHaveLength(2)
  })

  test('hidden, include_channels and channel, where nobody hides anything and there are no channels', async () => {
    const track = await aTrack(pod.db)
    for (const query of ['hidden=false', 'hidden=', 'hidden=0', 'include_channels=false', 'include_channels=true'])
      expect(await list(query)).toEqual([track.id])
    expect(await list('hidden=true')).toEqual([])
    expect(await list('channel=11111111-1111-4111-8111-111111111111')).toEqual([])
  })

  test('unknown parameters are passed over', async () => {
    expect(await list('colour=red&artist__foo=1')).toEqual([])
  })
})

describe('scope (1.8)', () => {
  test('whose libraries hold the track', async () => {
    const bob = await aUser(pod.db, { username: 'bob' })
    const mine = await aTrackIn(pod.db, 'me', { owner: user })
    const theirs = await aTrackIn(pod.db, 'me', { owner: bob, importStatus: 'errored' })
    const fileless = await aTrack(pod.db)
    const cases: [string, number[]][] = [
      ['me', [mine.id]],
      ['all', [fileless.id, theirs.id, mine.id]],
      ['', [fileless.id, theirs.id, mine.id]],
      ['subscribed', []],
      ['actor:bob@pod.example', [theirs.id]],
      ['Actor:BOB@Pod.example', [theirs.id]],
      ['actor:bob', []],
      ['actor:bob@elsewhere.example', []],
      ['actor:carol@pod.example', []],
      ['domain:pod.example', [theirs.id, mine.id]],
      ['domain:elsewhere.example', []],
      ['me, actor:bob@pod.example', [theirs.id, mine.id]],
      ['me,subscribed', [mine.id]],
      ['me,all', [fileless.id, theirs.id, mine.id]],
      ['me,nonsense', []],
      ['all,nonsense', []],
    ]
    for (const [scope, ids] of cases) expect(await list(`scope=${encodeURIComponent(scope)}`), scope).toEqual(ids)
  })

  test('me is nobody without credentials', async () => {
    await openPod(pod)
    const track = await aTrackIn(pod.db, 'everyone')
    expect(await list('scope=me', {})).toEqual([])
    expect(await list('scope=me,all', {})).toEqual([track.id])
  })
})

describe('orders of tracks', () => {
  test.each([
    ['', [3, 2, 1, 0]],
    ['creation_date', [0, 1, 2, 3]],
    ['-creation_date', [3, 2, 1, 0]],
    ['title', [1, 3, 2, 0]],
    ['-title', [0, 2, 3, 1]],
    ['album__title', [2, 0, 1, 3]],
    ['-album__title', [3, 1, 0, 2]],
    ['album__release_date', [0, 1, 2, 3]],
    ['-album__release_date', [3, 2, 1, 0]],
    ['position', [2, 1, 0, 3]],
    ['-position', [3, 0, 1, 2]],
    ['disc_number', [1, 0, 2, 3]],
    ['artist__name', [0, 2, 3, 1]],
    ['-artist__name', [1, 3, 2, 0]],
    ['artist__modification_date', [1, 0, 2, 3]],
    ['-artist__modification_date', [3, 2, 0, 1]],
    ['artist__modification_date,-title', [1, 0, 2, 3]],
    ['-disc_number,position', [3, 2, 0, 1]],
  ])('ordering=%s lists them as %j', async (ordering, expected) => {
    const day = (number: number) => new Date(Date.UTC(2020, 0, number))
    const foo = await anArtist(pod.db, { name: 'Foo', modifiedAt: day(2) })
    const bar = await anArtist(pod.db, { name: 'Goo', modifiedAt: day(1) })
    const b = await anAlbum(pod.db, { title: 'B', releaseDate: day(1) })
    const a = await anAlbum(pod.db, { title: 'A' })
    const ids = [
      await aTrack(pod.db, { title: 'd', artistId: foo.id, albumId: b.id, position: 3, discNumber: 2 }),
      await aTrack(pod.db, { title: 'a', artistId: bar.id, albumId: b.id, position: 2, discNumber: 1 }),
      await aTrack(pod.db, { title: 'c', artistId: foo.id, albumId: a.id, position: 1, discNumber: 2 }),
      await aTrack(pod.db, { title: 'b', artistId: foo.id }),
    ].map(({ id }) => id)
    const listed = await list(`ordering=${ordering}`)
    expect(listed.map((id) => ids.indexOf(id))).toEqual(expected)
  })

  test('random: the whole list, in one order or another', async () => {
    const ids: number[] = []
    for (let number = 0; number < 12; number += 1) ids.push((await aTrack(pod.db)).id)
    const orders = [await list('ordering=random'), await list('ordering=random'), await list('ordering=random')]
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(ids)
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1)
  })

  test.each(['size', 'nonsense', 'title,nonsense', 'tags', '--title'])(
    'ordering=%s is refused (Q3, Q13)',
    async (ordering) => {
      expect(await refusal(`ordering=${ordering}`)).toEqual({ ordering: [expect.any(String)] })
    },
  )
})

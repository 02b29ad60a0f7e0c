import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { aCover, aTrackIn, coverOnWire, tag } from '../../support/catalogue.ts'
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
  user = await aUser(pod.db, { username: 'alice', name: 'Alice' })
  headers = await tokenOf(pod, user, 'read:libraries')
})

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/tracks/${path}`, { headers: as })

describe('GET tracks/<id>', () => {
  test('shows all of a track', async () => {
    const [trackCover, albumCover, artistCover] = [await aCover(pod.db), await aCover(pod.db), await aCover(pod.db)]
    const artist = await anArtist(pod.db, {
      name: 'Foo',
      mbid: 'ba4a6bb2-3b1c-4a3e-9f4e-111111111111',
      coverId: artistCover.id,
      descriptionText: '*hi*\n\nyou',
      descriptionContentType: 'text/markdown',
    })
    const albumArtist = await anArtist(pod.db, { name: 'Various' })
    const album = await anAlbum(pod.db, {
      title: 'Bar',
      artistId: albumArtist.id,
      releaseDate: new Date('2019-01-02'),
      coverId: albumCover.id,
    })
    const track = await aTrack(pod.db, {
      title: 'Baz',
      artistId: artist.id,
      albumId: album.id,
      position: 3,
      discNumber: 2,
      copyright: '© Foo',
      license: 'cc-by-4.0',
      mbid: 'ba4a6bb2-3b1c-4a3e-9f4e-222222222222',
      coverId: trackCover.id,
      attributedToId: user.id,
      downloadsCount: 7,
      descriptionText: 'About it',
      descriptionContentType: 'text/plain',
    })
    await aTrack(pod.db, { albumId: album.id })
    await tag(pod.db, { trackId: track.id }, 'Rock', 'Jazz')
    const library = await aLibrary(pod.db, { owner: user })
    const upload = await anUpload(pod.db, {
      trackId: track.id,
      libraryId: library.id,
      size: 4_096_000n,
      duration: 245,
      bitrate: 320_000,
      mimetype: 'audio/mpeg',
      extension: 'mp3',
    })

    const simpleArtist = (row: typeof artist) => ({
      id: row.id,
      fid: `${publicUrl}/federation/music/artists/${row.uuid}`,
      mbid: row.mbid,
      name: row.name,
      creation_date: row.createdAt.toISOString(),
      modification_date: row.modifiedAt.toISOString(),
      is_local: true,
      content_category: 'music',
      description: null,
      attachment_cover: null,
      channel: null,
    })
    const listenUrl = `/api/v1/listen/${track.uuid}/`
    expect((await get(`${track.id}/`)).json()).toEqual({
      id: track.id,
      fid: `${publicUrl}/federation/music/tracks/${track.uuid}`,
      mbid: track.mbid,
      title: 'Baz',
      artist: {
        ...simpleArtist(artist),
        description: { text: '*hi*\n\nyou', content_type: 'text/markdown', html: '<p><em>hi</em></p><p>you</p>' },
        attachment_cover: coverOnWire(artistCover, publicUrl),
      },
      album: {
        id: album.id,
        fid: `${publicUrl}/federation/music/albums/${album.uuid}`,
        mbid: null,
        title: 'Bar',
        artist: simpleArtist(albumArtist),
        release_date: '2019-01-02',
        cover: coverOnWire(albumCover, publicUrl),
        creation_date: album.createdAt.toISOString(),
        is_local: true,
        tracks_count: 2,
      },
      position: 3,
      disc_number: 2,
      creation_date: track.createdAt.toISOString(),
      copyright: '© Foo',
      license: 'cc-by-4.0',
      tags: ['Jazz', 'Rock'],
      cover: coverOnWire(trackCover, publicUrl),
      attributed_to: {
        fid: `${publicUrl}/federation/actors/alice`,
        url: `${publicUrl}/@alice`,
        creation_date: user.createdAt.toISOString(),
        summary: null,
        preferred_username: 'alice',
        name: 'Alice',
        last_fetch_date: user.createdAt.toISOString(),
        domain: 'pod.example',
        type: 'Person',
        manually_approves_followers: false,
        full_username: 'alice@pod.example',
        is_local: true,
      },
      is_local: true,
      is_playable: true,
      downloads_count: 7,
      listen_url: listenUrl,
      uploads: [
        {
          uuid: upload.uuid,
          listen_url: `${listenUrl}?upload=${upload.uuid}`,
          size: 4_096_000,
          duration: 245,
          bitrate: 320_000,
          mimetype: 'audio/mpeg',
          extension: 'mp3',
          is_local: true,
        },
      ],
      description: { text: 'About it', content_type: 'text/plain', html: '<p>About it</p>' },
    })
  })

  test('shows a track of which little is known', async () => {
    const track = await aTrack(pod.db)
    expect((await get(`${track.id}`)).json()).toMatchObject({
      mbid: null,
      album: null,
      position: null,
      disc_number: null,
      copyright: null,
      license: null,
      tags: [],
      cover: null,
      attributed_to: null,
      is_playable: false,
      uploads: [],
      description: null,
    })
  })

  test.each(['0', '999999', '99999999999', 'x', '1.5', '%00'])('knows no track %s', async (id) => {
    const answer = await get(id)
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
  })

  test('in lists looks the same, but for the description', async () => {
    const track = await aTrackIn(pod.db, 'everyone', { attributedToId: user.id })
    const { description, ...shown } = (await get(`${track.id}`)).json()
    expect(description).toBeNull()
    expect((await get('')).json()).toEqual({ count: 1, next: null, previous: null, results: [shown] })
  })
})

describe('who may play a track (1.9)', () => {
  const levels = ['me', 'instance', 'everyone']
  const statuses = ['draft', 'pending', 'errored', 'skipped', 'finished']

  const cases = levels.flatMap((level) => statuses.map((status) => [level, status] as const))
  test.each(cases)('in a library for %s, the file %s', async (level, status) => {
    await openPod(pod)
    const track = await aTrackIn(pod.db, level, { importStatus: status })
    const owned = await aTrackIn(pod.db, level, { importStatus: status, owner: user })
    const isReady = status === 'finished' || status === 'skipped'
    const playable = async (id: number, as: Headers) => {
      const { is_playable, uploads } = (await get(`${id}`, as)).json()
      expect(uploads).toHaveLength(is_playable ? 1 : 0)
      const listed = async (filter: string) => (await get(`?id=${id}&playable=${filter}`, as)).json().count
      expect([await listed('true'), await listed('false')]).toEqual(is_playable ? [1, 0] : [0, 1])
      return is_playable
    }
    expect(await playable(owned.id, headers)).toBe(isReady)
    expect(await playable(track.id, headers)).toBe(isReady && level !== 'me')
    expect(await playable(track.id, {})).toBe(isReady && level === 'everyone')
  })

  test('the oldest file comes first, and only files that may be played are shown', async () => {
    const track = await aTrack(pod.db)
    const library = await aLibrary(pod.db, { owner: user })
    const day = (number: number) => new Date(Date.UTC(2024, 1, number))
    const newer = await anUpload(pod.db, { trackId: track.id, libraryId: library.id, createdAt: day(2) })
    const older = await anUpload(pod.db, { trackId: track.id, libraryId: library.id, createdAt: day(1) })
    await anUpload(pod.db, { trackId: track.id })
    const { uploads } = (await get(`${track.id}`)).json()
    expect(uploads.map(({ uuid }: { uuid: string }) => uuid)).toEqual([older.uuid, newer.uuid])
  })

  test('changes at once with the level of the library', async () => {
    const track = await aTrackIn(pod.db, 'me')
    expect((await get('?playable=true')).json().count).toBe(0)
    await pod.db.library.updateMany({ data: { privacyLevel: 'instance' } })
    expect((await get('?playable=true')).json().results).toMatchObject([{ id: track.id, is_playable: true }])
  })
})

describe('access', () => {
  test.each(['', '1'])('tracks/%s needs read:libraries', async (path) => {
    expect((await get(path, {})).statusCode).toBe(401)
    expect((await get(path, await tokenOf(pod, user, 'read:favorites', 'write:libraries'))).statusCode).toBe(403)
  })

  test('is open to all where the pod says so', async () => {
    await openPod(pod)
    const track = await aTrackIn(pod.db, 'everyone')
    expect((await get('', {})).json().results).toMatchObject([{ id: track.id, is_playable: true }])
    expect((await get(`${track.id}`, {})).statusCode).toBe(200)
  })
})

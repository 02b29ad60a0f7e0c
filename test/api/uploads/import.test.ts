import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pruneAttachments } from '../../../src/media/attachments.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { anMp3, audioFixture, type Id3 } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import { anAlbum, anArtist, aTrack } from '../../support/music.ts'
import { aPicture, fileBody } from '../../support/pictures.ts'
import { send } from '../../support/requests.ts'
import { anUploader, imported, runJobs, type Uploader, upload } from '../../support/uploading.ts'

let pod: TestApp
let alice: Uploader
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await pod.db.setting.deleteMany()
  alice = await anUploader(pod, { username: 'alice' })
})

const mbids = {
  recording: '11111111-1111-4111-8111-111111111111',
  release: '22222222-2222-4222-8222-222222222222',
  artist: '33333333-3333-4333-8333-333333333333',
}

const basic: Id3 = { TIT2: 'Tide', TPE1: 'The Whales', TALB: 'Deep Water', TRCK: '3' }

const importTags = async (tags: Id3, fields: Record<string, string> = {}, as = alice) =>
  imported(pod, as, await anMp3(tags), fields)

describe('a file of every format', () => {
  test.each([
    ['mp3', 'audio/mpeg'],
    ['flac', 'audio/flac'],
    ['ogg', 'audio/ogg'],
    ['opus', 'audio/opus'],
    ['m4a', 'audio/x-m4a'],
    ['aiff', 'audio/x-aiff'],
  ])('%s becomes a track with artist, album, tags, license and cover', async (extension, mimetype) => {
    const file = await readFile(audioFixture(`tagged.${extension}`))
    const done = await imported(pod, alice, file, {}, `song.${extension}`)
    expect(done).toMatchObject({
      import_status: 'finished',
      import_date: expect.stringMatching(/Z$/),
      import_details: {},
      mimetype,
      duration: 1,
      bitrate: expect.any(Number),
      size: file.length,
      filename: `The Whales - Deep Water - Tide.${extension}`,
      track: {
        title: 'Tide',
        mbid: mbids.recording,
        position: 3,
        disc_number: 1,
        copyright: '2019 The Whales',
        license: 'cc-by-sa-4.0',
        tags: ['Ambient', 'PostRock'],
        artist: { name: 'The Whales', mbid: mbids.artist },
        album: {
          title: 'Deep Water',
          mbid: mbids.release,
          release_date: '2019-05-01',
          artist: { name: 'Various Whales' },
          cover: { mimetype: 'image/png' },
        },
        attributed_to: { full_username: 'alice@pod.example' },
        is_playable: true,
        uploads: [{ mimetype, extension }],
      },
    })
    const picture = await pod.app.inject({ url: new URL(done.track.album.cover.urls.original).pathname })
    expect(picture.statusCode).toBe(200)
  })
})

describe('what a file must say', () => {
  test('a title and an artist', async () => {
    expect(await importTags({ TALB: 'Deep Water', TRCK: '1' })).toMatchObject({
      import_status: 'errored',
      import_date: expect.any(String),
      track: null,
      import_details: {
        error_code: 'invalid_metadata',
        detail: { title: ['This field is required.'], artists: ['This field is required.'] },
        file_metadata: { position: 1, album: { title: 'Deep Water' } },
      },
    })
    expect(await pod.db.album.count()).toBe(0)
  })

  test('names that are cut stay whole characters', async () => {
    const long = `x${'💿'.repeat(600)}`
    const names = { title: `x${'💿'.repeat(254)}`, artist: { name: `x${'💿'.repeat(254)}` } }
    const { track } = await importTags({ TIT2: long, TPE1: long, TALB: long })
    expect(track).toMatchObject({ ...names, album: names })
    expect(await importTags({ TPE1: long })).toMatchObject({
      import_details: { error_code: 'invalid_metadata', file_metadata: { artists: [{ name: names.artist.name }] } },
    })
  })

  test('a MusicBrainz id, where the pod takes no others', async () => {
    await pod.services.settings.change({ music__only_allow_musicbrainz_tagged_files: true })
    expect(await importTags(basic)).toMatchObject({
      import_status: 'errored',
      import_details: { error_code: 'invalid_metadata', detail: { mbid: [expect.any(String)] } },
    })
    expect(await importTags({ ...basic, UFID: mbids.recording })).toMatchObject({ import_status: 'finished' })
    await pod.services.settings.change({ music__only_allow_musicbrainz_tagged_files: false })
  })

  test('no album: it is filed under an unknown one', async () => {
    const { track } = await importTags({ TIT2: 'Tide', TPE1: 'The Whales' })
    expect(track.album).toMatchObject({ title: '[Unknown Album]', artist: { name: 'The Whales' } })
  })

  test.each([
    ['text', 'This is not music.'],
    ['half an ID3 tag', 'ID3\x04\0\0\0\0\x7f\x7f'],
  ])('%s is no music: errored, not pending for ever (Q8)', async (_what, content) => {
    expect(await imported(pod, alice, Buffer.from(content, 'latin1'))).toMatchObject({
      import_status: 'errored',
      import_details: { error_code: 'unknown_error' },
      import_date: expect.any(String),
    })
  })

  test('a file that has gone is errored', async () => {
    const { uuid } = await upload(pod, alice, await anMp3(basic))
    const row = await pod.db.upload.findUniqueOrThrow({ where: { uuid } })
    await pod.services.media.remove(row.fileKey ?? '')
    await runJobs(pod)
    expect(await pod.db.upload.findUnique({ where: { uuid } })).toMatchObject({ importStatus: 'errored' })
  })
})

describe('who a track is by', () => {
  test('who is named second is featured: the track is theirs, the album the first’s', async () => {
    const { track } = await importTags({ ...basic, 'TXXX:ARTISTS': 'Orca; Beluga' })
    expect(track).toMatchObject({ artist: { name: 'Beluga' }, album: { artist: { name: 'Orca' } } })
  })

  test('an album artist is the album’s', async () => {
    const { track } = await importTags({ ...basic, TPE2: 'Various' })
    expect(track).toMatchObject({ artist: { name: 'The Whales' }, album: { artist: { name: 'Various' } } })
  })
})

describe('matching', () => {
  test('an artist by MusicBrainz, whatever the name', async () => {
    const artist = await anArtist(pod.db, { name: 'Whales, The', mbid: mbids.artist })
    await anArtist(pod.db, { name: 'The Whales' })
    const { track } = await importTags({ ...basic, 'TXXX:MusicBrainz Artist Id': mbids.artist })
    expect(track.artist.id).toBe(artist.id)
  })

  test('an artist by name, ignoring case', async () => {
    const artist = await anArtist(pod.db, { name: 'THE WHALES' })
    expect((await importTags(basic)).track.artist).toMatchObject({ id: artist.id, name: 'THE WHALES' })
  })

  test('an album by MusicBrainz, whatever the title', async () => {
    const album = await anAlbum(pod.db, { title: 'Deep', mbid: mbids.release })
    const { track } = await importTags({ ...basic, 'TXXX:MusicBrainz Album Id': mbids.release })
    expect(track.album.id).toBe(album.id)
  })

  test('an album by title and artist, ignoring case, but not by another artist', async () => {
    const artist = await anArtist(pod.db, { name: 'The Whales' })
    await anAlbum(pod.db, { title: 'Deep Water' })
    const album = await anAlbum(pod.db, { title: 'DEEP WATER', artistId: artist.id })
    expect((await importTags(basic)).track.album.id).toBe(album.id)
  })

  async function anExistingTrack(given: object = {}) {
    const artist = await anArtist(pod.db, { name: 'The Whales' })
    const album = await anAlbum(pod.db, { title: 'Deep Water', artistId: artist.id, mbid: mbids.release })
    return aTrack(pod.db, { title: 'Tide', artistId: artist.id, albumId: album.id, position: 3, ...given })
  }

  test('a track by title, artist, album and position, ignoring case', async () => {
    const existing = await anExistingTrack()
    expect((await importTags({ ...basic, TIT2: 'TIDE' })).track.id).toBe(existing.id)
  })

  test('a track by MusicBrainz at the same place of the album, whatever the title', async () => {
    const existing = await anExistingTrack({ mbid: mbids.recording })
    const tags = { ...basic, TIT2: 'Ebb', UFID: mbids.recording, 'TXXX:MusicBrainz Album Id': mbids.release }
    expect((await importTags(tags)).track.id).toBe(existing.id)
  })

  test('a track by MusicBrainz anywhere on an album that MusicBrainz names as well', async () => {
    const existing = await anExistingTrack({ mbid: mbids.recording })
    const tags = { ...basic, TRCK: '7', UFID: mbids.recording, 'TXXX:MusicBrainz Album Id': mbids.release }
    expect((await importTags(tags)).track.id).toBe(existing.id)
  })

  test.each([
    ['position', { TRCK: '4' }],
    ['disc', { TPOS: '2' }],
    ['album', { TALB: 'Shallow Water' }],
    ['album at MusicBrainz', { 'TXXX:MusicBrainz Album Id': '55555555-5555-4555-8555-555555555555', TALB: 'Other' }],
    ['title', { TIT2: 'Ebb' }],
    ['artist', { TPE1: 'Orca', TPE2: 'The Whales' }],
  ])('another %s is another track', async (what, change) => {
    const isByMbid = what !== 'title' && what !== 'artist'
    const existing = await anExistingTrack(isByMbid ? { mbid: mbids.recording } : {})
    const { track } = await importTags({ ...basic, ...(isByMbid && { UFID: mbids.recording }), ...change })
    expect(track.id).not.toBe(existing.id)
  })

  test('what is new is the uploader’s', async () => {
    await importTags(basic)
    const owner = { attributedToId: alice.user.id }
    expect(await pod.db.artist.findMany()).toMatchObject([owner])
    expect(await pod.db.album.findMany()).toMatchObject([owner])
    expect(await pod.db.track.findMany()).toMatchObject([owner])
  })
})

describe('duplicates', () => {
  test('in one’s own libraries are skipped, and name the oldest', async () => {
    const first = await importTags(basic)
    await importTags({ ...basic, TIT2: 'tide' })
    const third = await importTags({ ...basic, TIT2: 'TIDE' })
    expect(third).toMatchObject({
      import_status: 'skipped',
      import_details: { code: 'already_imported_in_owned_libraries', duplicates: first.uuid },
      import_date: expect.any(String),
      track: { id: first.track.id },
    })
  })

  test('in libraries of others are none', async () => {
    const first = await importTags(basic)
    const bob = await anUploader(pod)
    expect(await importTags(basic, {}, bob)).toMatchObject({
      import_status: 'finished',
      track: { id: first.track.id },
    })
  })
})

describe('what the sender says of a file', () => {
  test('stands in place of what the file says', async () => {
    const metadata = {
      title: 'Ebb',
      mbid: mbids.recording,
      position: 7,
      copyright: null,
      license: 'cc0-1.0',
      description: 'Loud.',
      tags: ['Noise'],
      other: { kept: true },
    }
    const tags = { ...basic, TCOP: 'Somebody', WCOP: 'http://creativecommons.org/licenses/by/4.0/', TCON: 'Rock' }
    const done = await importTags(tags, { import_metadata: JSON.stringify(metadata) })
    expect(done).toMatchObject({ import_status: 'finished', import_metadata: metadata })
    expect(done.track).toMatchObject({
      title: 'Ebb',
      mbid: mbids.recording,
      position: 7,
      copyright: null,
      license: 'cc0-1.0',
      tags: ['Noise'],
      artist: { name: 'The Whales' },
    })
    expect(await pod.db.track.findFirst()).toMatchObject({ descriptionText: 'Loud.' })
  })

  test('may name a picture and an album', async () => {
    const artist = await anArtist(pod.db, { attributedToId: alice.user.id })
    const album = await anAlbum(pod.db, { artistId: artist.id })
    const body = await fileBody(await aPicture())
    const cover = (await send(pod, 'POST', '/api/v1/attachments/', { body, headers: alice.headers })).json()
    const metadata = JSON.stringify({ title: 'Ebb', cover: cover.uuid, album: album.id })
    const { track } = await importTags(basic, { import_metadata: metadata })
    expect(track).toMatchObject({ cover: { uuid: cover.uuid }, album: { id: album.id } })
  })

  test('may name the track', async () => {
    const track = await aTrack(pod.db)
    const named = (uuid: unknown) => JSON.stringify({ title: 'x', funkwhale: { track: { uuid } } })
    expect(await importTags({}, { import_metadata: named(track.uuid) })).toMatchObject({
      import_status: 'finished',
      track: { id: track.id },
    })
    for (const uuid of ['00000000-0000-4000-8000-000000000000', 'nonsense', { toString: 1 }]) {
      expect(await importTags({}, { import_metadata: named(uuid) })).toMatchObject({
        import_status: 'errored',
        import_details: { error_code: 'track_uuid_not_found' },
      })
    }
  })
})

describe('covers', () => {
  const withCover = async (tags: Id3, color: string) => anMp3(tags, await aPicture({ background: color }))

  test('an album keeps the first', async () => {
    const first = await imported(pod, alice, await withCover(basic, '#ff0000'))
    const second = await imported(pod, alice, await withCover({ ...basic, TIT2: 'Ebb' }, '#00ff00'))
    expect(second.track.album.cover.uuid).toBe(first.track.album.cover.uuid)
    expect(await pod.db.attachment.count()).toBe(1)
  })

  test('are in use: no clearing takes them away', async () => {
    await imported(pod, alice, await withCover(basic, '#ff0000'))
    await pruneAttachments(pod.db, pod.services.pictures, new Date(Date.now() + 7 * 86_400_000))
    expect(await pod.db.attachment.count()).toBe(1)
  })

  test('that cannot be read stop nothing', async () => {
    const done = await imported(pod, alice, await anMp3(basic, Buffer.from('no picture')))
    expect(done).toMatchObject({ import_status: 'finished', track: { album: { cover: null } } })
  })
})

describe('many at once', () => {
  test('of one album make one artist, one album and each track once', async () => {
    const files = await Promise.all(
      Array.from({ length: 8 }, async (_, index) =>
        anMp3({ ...basic, TIT2: `Part ${index}`, TRCK: String(index + 1), TCON: 'Rock' }, await aPicture()),
      ),
    )
    for (const file of files) await upload(pod, alice, file)
    await Promise.all(Array.from({ length: 4 }, () => runJobs(pod)))
    const counts = await Promise.all([
      pod.db.artist.count(),
      pod.db.album.count(),
      pod.db.track.count(),
      pod.db.tag.count(),
      pod.db.attachment.count(),
      pod.db.upload.count({ where: { importStatus: 'finished' } }),
    ])
    expect(counts).toEqual([1, 1, 8, 1, 1, 8])
  })

  test('of one file finish one and skip the others', async () => {
    const file = await anMp3(basic)
    for (let i = 0; i < 6; i += 1) await upload(pod, alice, file)
    await Promise.all(Array.from({ length: 3 }, () => runJobs(pod)))
    const rows = await pod.db.upload.groupBy({ by: ['importStatus'], _count: true, orderBy: { importStatus: 'asc' } })
    expect(rows).toMatchObject([
      { importStatus: 'finished', _count: 1 },
      { importStatus: 'skipped', _count: 5 },
    ])
    expect(await pod.db.track.count()).toBe(1)
  })

  test('an import that fails in the middle leaves nothing half done', async () => {
    const { uuid } = await upload(pod, alice, await anMp3({ ...basic, TCON: 'Rock' }, await aPicture()))
    await pod.db.$executeRaw`ALTER TABLE track_tags ADD CONSTRAINT broken CHECK (track_id < 0) NOT VALID`
    await expect(runJobs(pod)).rejects.toThrow()
    await pod.db.$executeRaw`ALTER TABLE track_tags DROP CONSTRAINT broken`
    const counts = [await pod.db.artist.count(), await pod.db.album.count(), await pod.db.attachment.count()]
    expect(counts).toEqual([0, 0, 0])
    await pod.db.job.updateMany({ data: { dueAt: new Date(0) } })
    await runJobs(pod)
    expect(await pod.db.upload.findUnique({ where: { uuid } })).toMatchObject({ importStatus: 'finished' })
  })

  test('an import that never works out is errored in the end', async () => {
    const { uuid } = await upload(pod, alice, await anMp3(basic))
    await pod.db.job.updateMany({ data: { attempts: 5 } })
    await expect(runJobs(pod)).rejects.toThrow()
    expect(await pod.db.upload.findUnique({ where: { uuid } })).toMatchObject({
      importStatus: 'errored',
      importDetails: { error_code: 'unknown_error' },
      importedAt: expect.any(Date),
    })
  })
})

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { anMp3, audioFixture } from '../../support/audio.ts'
import { emptyDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from '../../support/music.ts'
import { watchedPod } from '../../support/pods-together.ts'
import { send } from '../../support/requests.ts'
import { anUploader, imported, type Uploader, upload } from '../../support/uploading.ts'

let pod: TestApp
let alice: Uploader
let song: Buffer
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
  song = await anMp3({ TIT2: 'Tide', TPE1: 'The Whales', TALB: 'Deep Water' })
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  alice = await anUploader(pod, { username: 'alice' })
})

const url = '/api/v1/uploads/'
const nobody = '00000000-0000-4000-8000-000000000000'

/** Row ids of the list, translated to what the test calls them. */
async function listed(query: string, names: Record<string, string>, headers = alice.headers): Promise<string[]> {
  const answer = await send(pod, 'GET', `${url}${query}`, { headers })
  expect(answer.statusCode, answer.body).toBe(200)
  const byUuid = new Map(Object.entries(names).map(([name, uuid]) => [uuid, name]))
  return answer.json().results.map(({ uuid }: { uuid: string }) => byUuid.get(uuid) ?? uuid)
}

describe('GET uploads', () => {
  /** Two imported songs, a draft and a file that is no music. */
  async function someUploads() {
    const one = await imported(pod, alice, song, { import_reference: 'first' })
    const flac = await readFile(audioFixture('tagged.flac'))
    const two = await imported(pod, alice, flac, { import_reference: 'second' }, 'a.flac')
    const draft = await upload(pod, alice, song, { import_status: 'draft', import_reference: 'second' })
    const broken = await imported(pod, alice, Buffer.from('no music'))
    return { one: one.uuid, two: two.uuid, draft: draft.uuid, broken: broken.uuid }
  }

  test('lists own uploads only, newest first', async () => {
    const names = await someUploads()
    await anUpload(pod.db, { libraryId: (await aLibrary(pod.db, { privacyLevel: 'everyone' })).id })
    expect(await listed('', names)).toEqual(['broken', 'draft', 'two', 'one'])
  })

  type Expectations = [query: string, found: string[]][]

  async function expectEach(expectations: Expectations, names: Record<string, string>): Promise<void> {
    for (const [query, expected] of expectations) expect(await listed(query, names), query).toEqual(expected)
  }

  test('can be narrowed to a library, a track, an artist, a status, a reference, a type and what can be played', async () => {
    const names = await someUploads()
    const tracks = await pod.db.track.findMany({ include: { artist: true, album: { include: { artist: true } } } })
    const two = tracks.find(({ mbid }) => mbid !== null)
    const other = await aLibrary(pod.db, { owner: alice.user })
    const expectations: Expectations = [
      [`?library=${alice.library.uuid}`, ['broken', 'draft', 'two', 'one']],
      [`?library=${other.uuid}`, []],
      [`?channel=${nobody}`, []],
      ['?channel=nonsense', []],
      [`?track=${two?.uuid}`, ['two']],
      [`?track_artist=${two?.artist.uuid}`, ['two', 'one']],
      [`?album_artist=${two?.album?.artist.uuid}`, ['two']],
      ['?import_status=finished', ['two', 'one']],
      ['?import_status=draft,errored', ['broken', 'draft']],
      ['?import_status=draft&import_status=errored', ['broken', 'draft']],
      ['?import_status[]=draft&import_status[]=errored', ['broken', 'draft']],
      ['?import_reference=second', ['draft', 'two']],
      ['?mimetype=audio/flac', ['two']],
      ['?playable=true', ['two', 'one']],
      ['?playable=false', ['broken', 'draft']],
      ['?playable=', ['broken', 'draft', 'two', 'one']],
      ['?scope=me', ['broken', 'draft', 'two', 'one']],
      ['?scope=subscribed', []],
    ]
    await expectEach(expectations, names)
  })

  test('q looks for words, or in the fields that it names, and takes % and _ for what they are', async () => {
    const expectations: Expectations = [
      ['?q=whales', ['two', 'one']],
      ['?q=various', ['two']],
      ['?q=various+deep', ['two']],
      ['?q=nothing', []],
      ['?q="deep water"', ['two', 'one']],
      ['?q=whales in:title', []],
      ['?q=tide in:title,album', ['two', 'one']],
      ['?q=artist:"the whales"', ['two', 'one']],
      ['?q=artist:whales', []],
      ['?q=album_artist:"various whales"', ['two']],
      ['?q=track_artist:"the whales" mimetype:audio/flac', ['two']],
      ['?q=album:"deep water" title:tide', ['two', 'one']],
      ['?q=status:draft', ['draft']],
      ['?q=other:thing', []],
      ['?q=%25', []],
      ['?q=w_ales', []],
      ['?q=title:%25', []],
      ['?q=title:%5C', []],
      ['?q=status:d_aft', []],
    ]
    await expectEach(expectations, await someUploads())
  })

  test('can be ordered; an unknown order is none', async () => {
    const expectations: Expectations = [
      ['?ordering=creation_date', ['one', 'two', 'draft', 'broken']],
      ['?ordering=-size', ['two', 'draft', 'one', 'broken']],
      ['?ordering=import_date', ['one', 'two', 'broken', 'draft']],
      ['?ordering=-bitrate&page_size=1', ['two']],
      ['?ordering=nonsense', ['broken', 'draft', 'two', 'one']],
    ]
    await expectEach(expectations, await someUploads())
  })

  test.each(['title:"50% ÉTÉ_"', 'ARTIST:ÅSA', '50% ÅSA', 'TÉ_'])('finds letters of any case: %s', async (q) => {
    const artist = await anArtist(pod.db, { name: 'Åsa' })
    const track = await aTrack(pod.db, { title: '50% Été_', artistId: artist.id })
    const libraryId = alice.library.id
    const { uuid } = await anUpload(pod.db, { libraryId, trackId: track.id })
    await anUpload(pod.db, { libraryId, trackId: (await aTrack(pod.db, { title: '500 étés' })).id })
    const query = `?q=${encodeURIComponent(q)}&import_status=finished`
    expect(await listed(query, { it: uuid })).toEqual(['it'])
  })

  test('counts by reference and status, as clients do that wait for an import', async () => {
    await someUploads()
    const query = '?import_reference=second&import_status=finished&page_size=1'
    const answer = await send(pod, 'GET', url + query, { headers: alice.headers })
    expect(answer.json()).toMatchObject({ count: 1, next: null, results: [{}] })
  })

  test.each(['library=x', 'track=x', 'track_artist=x', 'import_status=odd', 'import_status[]=odd'])(
    '%s is refused, naming the field',
    async (query) => {
      const answer = await send(pod, 'GET', `${url}?${query}`, { headers: alice.headers })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toHaveProperty(query.split(/\[|=/)[0] ?? '')
    },
  )

  test('nobody in particular has uploads, also where the pod is open (Q21)', async () => {
    await openPod(pod)
    expect((await send(pod, 'GET', url)).statusCode).toBe(401)
  })
})

test('a list is read in as many statements for many uploads as for one', async () => {
  const watched = await watchedPod(await testDatabaseLocation())
  onTestFinished(() => watched.close())
  const count = async () => {
    const list = () => send(watched, 'GET', url, { headers: alice.headers })
    const { result, statements } = await watched.statementsOf(list)
    expect(result.statusCode).toBe(200)
    return statements.length
  }
  const artist = await anArtist(pod.db)
  const add = async () => {
    const album = await anAlbum(pod.db, { artistId: artist.id })
    const track = await aTrack(pod.db, { albumId: album.id })
    const library = await aLibrary(pod.db, { owner: alice.user })
    await anUpload(pod.db, { libraryId: library.id, trackId: track.id })
  }
  await add()
  await count()
  const one = await count()
  for (let i = 0; i < 10; i += 1) await add()
  expect(await count()).toBe(one)
})

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/database.ts'
import type { Upload } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { anMp3, audioFixture } from '../../support/audio.ts'
import { emptyDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from '../../support/music.ts'
import { podOn } from '../../support/pod-on.ts'
import { bodies, form, json, multipart, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'
import {
  anUploader,
  imported,
  parts,
  readUpload,
  runJobs,
  type Uploader,
  upload,
  uploadBody,
} from '../../support/uploading.ts'

let pod: TestApp
let dataDir: string
let alice: Uploader
let song: Buffer
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baleen-uploads-'))
  pod = await testApp({ publicUrl: 'https://pod.example', dataDir })
  song = await anMp3({ TIT2: 'Tide', TPE1: 'The Whales', TALB: 'Deep Water' })
})
afterAll(async () => {
  await pod.close()
  await rm(dataDir, { recursive: true })
})
beforeEach(async () => {
  await emptyDatabase(pod.db)
  alice = await anUploader(pod, { username: 'alice' })
})

const url = '/api/v1/uploads/'
const nobody = '00000000-0000-4000-8000-000000000000'

const post = (body: ReturnType<typeof json>, headers = alice.headers) => send(pod, 'POST', url, { body, headers })
const patch = (uuid: string, fields: object) =>
  send(pod, 'PATCH', url + uuid, { body: json(fields), headers: alice.headers })

/** Audio files on the disk. */
async function filesOnDisk(): Promise<string[]> {
  const all = await readdir(join(dataDir, 'media'), { recursive: true, withFileTypes: true }).catch(() => [])
  return all.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock')).map(({ name }) => name)
}

/** Row ids of the list, translated to what the test calls them. */
async function listed(query: string, names: Record<string, string>, headers = alice.headers): Promise<string[]> {
  const answer = await send(pod, 'GET', `${url}${query}`, { headers })
  expect(answer.statusCode, answer.body).toBe(200)
  const byUuid = new Map(Object.entries(names).map(([name, uuid]) => [uuid, name]))
  return answer.json().results.map(({ uuid }: { uuid: string }) => byUuid.get(uuid) ?? uuid)
}

describe('POST uploads', () => {
  test.each([
    ['before', true],
    ['after', false],
  ])('takes a file that stands %s the other fields', async (_where, isFirst) => {
    const file = { name: 'audio_file', value: song, fileName: 'Tide.mp3' }
    const library = { name: 'library', value: alice.library.uuid }
    const answer = await post(parts(...(isFirst ? [file, library] : [library, file])))
    expect(answer.statusCode, answer.body).toBe(201)
    expect(answer.json()).toEqual({
      uuid: expect.stringMatching(/^[\da-f-]{36}$/),
      creation_date: expect.stringMatching(/\.\d{3,6}Z$/),
      mimetype: 'audio/mpeg',
      track: null,
      library: expect.objectContaining({ uuid: alice.library.uuid, uploads_count: 1, size: song.length }),
      duration: null,
      bitrate: null,
      size: song.length,
      import_date: null,
      import_status: 'pending',
      import_details: {},
      import_metadata: {},
      import_reference: expect.stringMatching(/^[\da-f-]{36}$/),
      metadata: {},
      source: null,
    })
    const row = await pod.db.upload.findFirstOrThrow()
    const kept = await (await pod.services.media.open(row.fileKey ?? ''))?.toArray()
    expect(Buffer.concat(kept ?? [])).toEqual(song)
    expect(Buffer.from(row.checksum ?? []).toString('hex')).toMatch(/^[\da-f]{64}$/)
    expect(await pod.db.job.findMany()).toMatchObject([{ task: 'import-upload', payload: { uploadId: row.id } }])
  })

  test('keeps what the sender says, and leaves a draft alone', async () => {
    const fields = { import_status: 'draft', import_reference: 'mine', source: 'upload://tide.mp3', filename: 'x' }
    expect(await upload(pod, alice, song, fields)).toMatchObject({
      import_status: 'draft',
      import_reference: 'mine',
      source: 'upload://tide.mp3',
    })
    expect(await pod.db.job.count()).toBe(0)
  })

  test.each([
    ['tagged.flac', 'x.mp3', 'audio/flac'],
    ['tagged.opus', 'x.ogg', 'audio/opus'],
    ['tagged.m4a', 'noname', 'audio/x-m4a'],
    ['make.py', 'x.ogg', 'audio/ogg'],
    ['make.py', 'x.py', null],
  ])('%s that is called %s is %s: the content decides, else the name', async (fixture, name, mimetype) => {
    const file = await readFile(audioFixture(fixture))
    expect(await upload(pod, alice, file, {}, name)).toMatchObject({ mimetype })
  })

  test.each([
    ['no file', { library: 'own' }, undefined, { audio_file: ['No file was submitted.'] }],
    ['an empty file', { library: 'own' }, Buffer.alloc(0), { audio_file: ['The submitted file is empty.'] }],
    ['no library', {}, 'song', { non_field_errors: [expect.stringContaining('not both')] }],
    ['an empty library', { library: '' }, 'song', { non_field_errors: [expect.any(String)] }],
    ['library and channel', { library: 'own', channel: nobody }, 'song', { non_field_errors: [expect.any(String)] }],
    ['a channel that is not there', { channel: nobody }, 'song', { channel: [expect.any(String)] }],
    ['a library that is not there', { library: nobody }, 'song', { library: [expect.any(String)] }],
    ['somebody else’s library', { library: 'other' }, 'song', { library: [expect.any(String)] }],
    ['what is no uuid', { library: 'x' }, 'song', { library: ['Must be a valid UUID.'] }],
    [
      'a status that is an end',
      { library: 'own', import_status: 'finished' },
      'song',
      { import_status: ['"finished" is not a valid choice.'] },
    ],
    [
      'a long reference',
      { library: 'own', import_reference: 'x'.repeat(51) },
      'song',
      { import_reference: [expect.any(String)] },
    ],
    ['a long source', { library: 'own', source: 'x'.repeat(501) }, 'song', { source: [expect.any(String)] }],
    [
      'metadata that is no JSON',
      { library: 'own', import_metadata: '{' },
      'song',
      { import_metadata: expect.anything() },
    ],
    [
      'metadata without a title',
      { library: 'own', import_metadata: '{}' },
      'song',
      { import_metadata: { title: ['This field is required.'] } },
    ],
    [
      'a picture that is not theirs',
      { library: 'own', import_metadata: JSON.stringify({ title: 'a', cover: nobody }) },
      'song',
      { import_metadata: { cover: [expect.any(String)] } },
    ],
    [
      'an album that is not theirs',
      { library: 'own', import_metadata: JSON.stringify({ title: 'a', album: 1 }) },
      'song',
      { import_metadata: { album: [expect.any(String)] } },
    ],
    ...[{ position: 0 }, { license: 'mine' }, { tags: ['a b'] }, { mbid: 'x' }, { copyright: 'x'.repeat(501) }].map(
      (wrong): [string, Record<string, string>, string, object] => [
        JSON.stringify(wrong).slice(0, 40),
        { library: 'own', import_metadata: JSON.stringify({ title: 'a', ...wrong }) },
        'song',
        { import_metadata: { [Object.keys(wrong)[0] ?? '']: expect.anything() } },
      ],
    ),
  ] as [string, Record<string, string>, Buffer | string | undefined, object][])(
    'refuses %s, and keeps no file',
    async (_what, fields, file, message) => {
      const other = await aLibrary(pod.db, { privacyLevel: 'everyone' })
      const ids: Record<string, string> = { own: alice.library.uuid, other: other.uuid }
      const library = fields.library === undefined ? {} : { library: ids[fields.library] ?? fields.library }
      const before = await filesOnDisk()
      const answer = await post(uploadBody(typeof file === 'string' ? song : file, { ...fields, ...library }))
      expect(answer.statusCode, answer.body).toBe(400)
      expect(answer.json()).toEqual(message)
      await expect.poll(filesOnDisk).toEqual(before)
      expect(await pod.db.upload.count()).toBe(0)
    },
  )

  test.each(['json', 'form', 'multipart'] as const)('a file cannot be text of %s', async (kind) => {
    const answer = await post(bodies[kind]({ library: alice.library.uuid, audio_file: 'song' }))
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ audio_file: ['The submitted data was not a file.'] })
  })

  test('refuses what breaks off, and keeps none of it', async () => {
    const before = await filesOnDisk()
    const body = uploadBody(song, { library: alice.library.uuid })
    const payload = Buffer.from(body.payload).subarray(0, 500)
    const answer = await post({ ...body, payload })
    expect(answer.statusCode).toBe(400)
    await expect.poll(filesOnDisk).toEqual(before)
  })
})

describe('the quota', () => {
  const quotaOf = async (scopeHolder: Uploader) => {
    const headers = await tokenOf(pod, scopeHolder.user, 'read:profile')
    return (await send(pod, 'GET', '/api/v1/users/me', { headers })).json().quota_status
  }
  const takes = (megabytes: number, importStatus = 'finished') =>
    anUpload(pod.db, { libraryId: alice.library.id, size: BigInt(megabytes * 1_000_000), importStatus })

  test('tells what is taken, by status', async () => {
    await takes(100)
    await takes(20, 'draft')
    await takes(3, 'errored')
    await anUpload(pod.db, { size: 1_000_000_000n })
    expect(await quotaOf(alice)).toEqual({
      max: 1000,
      remaining: 877,
      current: 123,
      draft: 20,
      skipped: 0,
      pending: 0,
      finished: 100,
      errored: 3,
    })
  })

  test('is never less than nothing, and may be somebody’s own', async () => {
    await pod.db.user.update({ where: { id: alice.user.id }, data: { uploadQuotaMb: 5 } })
    await takes(7)
    expect(await quotaOf(alice)).toMatchObject({ max: 5, remaining: 0, current: 7 })
  })

  test('refuses what goes beyond it with the code that clients look for, and keeps none of it', async () => {
    await pod.db.user.update({ where: { id: alice.user.id }, data: { uploadQuotaMb: 1 } })
    const before = await filesOnDisk()
    const big = Buffer.concat([song, Buffer.alloc(1_100_000)])
    const answer = await post(uploadBody(big, { library: alice.library.uuid }))
    expect(answer.statusCode, answer.body).toBe(400)
    expect(answer.json()).toEqual({ non_field_errors: ['upload_quota_reached'] })
    await expect.poll(filesOnDisk).toEqual(before)
  })

  test('holds for uploads at the same time', async () => {
    await pod.db.user.update({ where: { id: alice.user.id }, data: { uploadQuotaMb: 1 } })
    const big = Buffer.concat([song, Buffer.alloc(600_000)])
    const body = uploadBody(big, { library: alice.library.uuid })
    const answers = await Promise.all([post(body), post(body), post(body)])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 400, 400])
  })
})

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

  test('filters', async () => {
    const names = await someUploads()
    const tracks = await pod.db.track.findMany({ include: { artist: true, album: { include: { artist: true } } } })
    const two = tracks.find(({ mbid }) => mbid !== null)
    const other = await aLibrary(pod.db, { owner: alice.user })
    const expectations: [string, string[]][] = [
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
      ['?ordering=creation_date', ['one', 'two', 'draft', 'broken']],
      ['?ordering=-size', ['two', 'draft', 'one', 'broken']],
      ['?ordering=import_date', ['one', 'two', 'broken', 'draft']],
      ['?ordering=-bitrate&page_size=1', ['two']],
      ['?ordering=nonsense', ['broken', 'draft', 'two', 'one']],
    ]
    for (const [query, expected] of expectations) expect(await listed(query, names), query).toEqual(expected)
  })

  test('counts by reference and status, as clients do that wait for an import', async () => {
    await someUploads()
    const query = '?import_reference=second&import_status=finished&page_size=1'
    const answer = await send(pod, 'GET', url + query, { headers: alice.headers })
    expect(answer.json()).toMatchObject({ count: 1, next: null, results: [{}] })
  })

  test.each(['library=x', 'track=x', 'track_artist=x', 'import_status=odd'])('refuses %s', async (query) => {
    const answer = await send(pod, 'GET', `${url}?${query}`, { headers: alice.headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toHaveProperty(query.split('=')[0] ?? '')
  })

  test('nobody in particular has uploads, also where the pod is open (Q21)', async () => {
    await pod.services.settings.change({ common__api_authentication_required: false })
    expect((await send(pod, 'GET', url)).statusCode).toBe(401)
    await pod.services.settings.change({ common__api_authentication_required: true })
  })
})

describe('GET uploads/<uuid>', () => {
  test.each([
    ['everyone', 200],
    ['instance', 200],
    ['me', 404],
  ])('of a library for %s answers %i to others', async (privacyLevel, status) => {
    const library = await aLibrary(pod.db, { privacyLevel })
    const track = await aTrack(pod.db)
    const { uuid } = await anUpload(pod.db, { libraryId: library.id, trackId: track.id })
    expect((await send(pod, 'GET', url + uuid, { headers: alice.headers })).statusCode).toBe(status)
  })

  test('answers one’s own whatever became of it (Q14), others’ only once it can be played', async () => {
    const { uuid } = await upload(pod, alice, song)
    expect(await readUpload(pod, alice, uuid)).toMatchObject({ import_status: 'pending' })
    await pod.db.library.update({ where: { id: alice.library.id }, data: { privacyLevel: 'everyone' } })
    const bob = await anUploader(pod)
    expect((await send(pod, 'GET', url + uuid, { headers: bob.headers })).statusCode).toBe(404)
    await runJobs(pod)
    expect(await readUpload(pod, bob, uuid)).toMatchObject({ import_status: 'finished' })
  })

  test.each([nobody, 'nonsense'])('%s is not there', async (uuid) => {
    expect((await send(pod, 'GET', url + uuid, { headers: alice.headers })).statusCode).toBe(404)
  })
})

describe('PATCH and PUT uploads/<uuid>', () => {
  const draft = () => upload(pod, alice, song, { import_status: 'draft', import_reference: 'old' })

  test('PATCH changes what is given of a draft', async () => {
    const { uuid } = await draft()
    const library = await aLibrary(pod.db, { owner: alice.user })
    const metadata = { title: 'Ebb', odd: [1] }
    const answer = await patch(uuid, { library: library.uuid, source: 'upload://x', import_metadata: metadata })
    expect(answer.json(), answer.body).toMatchObject({
      library: { uuid: library.uuid },
      source: 'upload://x',
      import_metadata: metadata,
      import_reference: 'old',
      import_status: 'draft',
    })
    expect(await pod.db.job.count()).toBe(0)
  })

  test('PATCH to pending has it imported', async () => {
    const { uuid } = await draft()
    expect((await patch(uuid, { import_status: 'pending' })).json()).toMatchObject({ import_status: 'pending' })
    await runJobs(pod)
    expect(await readUpload(pod, alice, uuid)).toMatchObject({ import_status: 'finished' })
  })

  test('PUT replaces the file, and the old one goes', async () => {
    const { uuid } = await draft()
    const { fileKey } = await pod.db.upload.findFirstOrThrow()
    const body = uploadBody(await readFile(audioFixture('tagged.ogg')), { library: alice.library.uuid }, 'a.ogg')
    const answer = await send(pod, 'PUT', url + uuid, { body, headers: alice.headers })
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json()).toMatchObject({ mimetype: 'audio/ogg' })
    expect(await pod.services.media.stat(fileKey ?? '')).toBeUndefined()
    const after = await pod.db.upload.findFirstOrThrow()
    expect(await pod.services.media.stat(after.fileKey ?? '')).toBeDefined()
  })

  test('PUT demands a file', async () => {
    const { uuid } = await draft()
    const body = json({ library: alice.library.uuid })
    const answer = await send(pod, 'PUT', url + uuid, { body, headers: alice.headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toHaveProperty('audio_file')
  })

  test.each(['pending', 'finished', 'skipped', 'errored'])('what is %s is not found', async (importStatus) => {
    const { uuid } = await anUpload(pod.db, { libraryId: alice.library.id, importStatus })
    expect((await patch(uuid, { source: 'x' })).statusCode).toBe(404)
  })

  test('somebody else’s is not found, and their library is no place for one’s own', async () => {
    const bob = await anUploader(pod)
    const foreign = await upload(pod, bob, song, { import_status: 'draft' })
    expect((await patch(foreign.uuid, { source: 'x' })).statusCode).toBe(404)
    const { uuid } = await draft()
    expect((await patch(uuid, { library: bob.library.uuid })).json()).toHaveProperty('library')
  })
})

describe('DELETE uploads/<uuid>', () => {
  test('takes the file along; the track stays', async () => {
    const { uuid, track } = await imported(pod, alice, song)
    const { fileKey } = await pod.db.upload.findFirstOrThrow()
    expect((await send(pod, 'DELETE', url + uuid, { headers: alice.headers })).statusCode).toBe(204)
    expect(await pod.db.upload.count()).toBe(0)
    expect(await pod.services.media.stat(fileKey ?? '')).toBeUndefined()
    expect(await pod.db.track.count({ where: { id: track.id } })).toBe(1)
  })

  test('before it is imported, is possible', async () => {
    const { uuid } = await upload(pod, alice, song)
    await send(pod, 'DELETE', url + uuid, { headers: alice.headers })
    expect(await runJobs(pod)).toBe(1)
    expect(await pod.db.track.count()).toBe(0)
  })

  test('of somebody else’s is not found', async () => {
    const { uuid } = await imported(pod, await anUploader(pod), song)
    expect((await send(pod, 'DELETE', url + uuid, { headers: alice.headers })).statusCode).toBe(404)
    expect(await pod.db.upload.count()).toBe(1)
  })
})

describe('POST uploads/action', () => {
  const act = (body: ReturnType<typeof json>) => send(pod, 'POST', `${url}action/`, { body, headers: alice.headers })
  const of = (importStatus: string, importReference = '') =>
    anUpload(pod.db, { libraryId: alice.library.id, importStatus, importReference })

  test('delete', async () => {
    const [one, two] = [await of('finished'), await of('draft')]
    await of('finished')
    const foreign = await anUpload(pod.db)
    const answer = await act(json({ action: 'delete', objects: [one.uuid, two.uuid, foreign.uuid] }))
    expect(answer.json(), answer.body).toEqual({ updated: 2, action: 'delete', result: [2, { 'music.Upload': 2 }] })
    expect(await pod.db.upload.count()).toBe(2)
  })

  test('delete all that a filter lets through', async () => {
    await of('errored', 'mine')
    await of('errored', 'other')
    await of('finished', 'mine')
    const filters = { import_status: ['errored'], import_reference: 'mine' }
    const answer = await act(json({ action: 'delete', objects: 'all', filters }))
    expect(answer.json()).toMatchObject({ updated: 1 })
    expect(await pod.db.upload.count()).toBe(2)
  })

  test('relaunch_import has what is not finished imported again', async () => {
    const rows: Upload[] = []
    for (const status of ['pending', 'skipped', 'errored', 'finished', 'draft']) rows.push(await of(status))
    const answer = await act(json({ action: 'relaunch_import', objects: 'all' }))
    expect(answer.json()).toEqual({ updated: 5, action: 'relaunch_import', result: null })
    const after = await pod.db.upload.findMany({ orderBy: { id: 'asc' } })
    expect(after.map(({ importStatus }) => importStatus)).toEqual([
      'pending',
      'pending',
      'pending',
      'finished',
      'draft',
    ])
    const jobs = await pod.db.job.findMany({ orderBy: { id: 'asc' } })
    const wanted = rows.slice(0, 3).map(({ id }) => ({ uploadId: id }))
    expect(jobs.map(({ payload }) => payload)).toEqual(expect.arrayContaining(wanted))
    expect(jobs).toHaveLength(3)
  })

  test('publish has drafts imported', async () => {
    const [draft, done] = [await of('draft'), await of('finished')]
    const answer = await act(form({ action: 'publish', objects: [draft.uuid, done.uuid] }))
    expect(answer.json(), answer.body).toEqual({ updated: 2, action: 'publish', result: null })
    expect(await pod.db.upload.findMany({ orderBy: { id: 'asc' } })).toMatchObject([
      { importStatus: 'pending' },
      { importStatus: 'finished' },
    ])
  })

  test.each([
    { action: 'publish', objects: 'all' },
    { action: 'delete', objects: [nobody] },
    { action: 'delete', objects: [] },
    { action: 'delete', objects: ['x'] },
    { action: 'delete', objects: 7 },
    { action: 'delete' },
    { action: 'eat', objects: 'all' },
    { action: 'delete', objects: 'all', filters: { library: 'x' } },
    {},
  ])('refuses %j', async (body) => {
    await of('draft')
    expect((await act(json(body))).statusCode).toBe(400)
    expect(await pod.db.upload.count()).toBe(1)
  })
})

describe('GET uploads/<uuid>/audio-file-metadata', () => {
  const read = (uuid: string, headers = alice.headers) =>
    send(pod, 'GET', `${url}${uuid}/audio-file-metadata/`, { headers })

  test('shows what the file says', async () => {
    const file = await readFile(audioFixture('tagged.flac'))
    const { uuid } = await upload(pod, alice, file, { import_status: 'draft' })
    const answer = await read(uuid)
    const artists = (name: string, mbid: string) => [{ name, mbid }]
    expect(answer.json(), answer.body).toEqual({
      title: 'Tide',
      position: 3,
      disc_number: 1,
      copyright: '2019 The Whales',
      license: 'http://creativecommons.org/licenses/by-sa/4.0/',
      mbid: '11111111-1111-4111-8111-111111111111',
      tags: ['PostRock', 'Ambient'],
      description: { text: 'Recorded under water.', content_type: 'text/plain' },
      artists: artists('The Whales', '33333333-3333-4333-8333-333333333333'),
      album: {
        title: 'Deep Water',
        mbid: '22222222-2222-4222-8222-222222222222',
        release_date: '2019-05-01',
        artists: artists('Various Whales', '44444444-4444-4444-8444-444444444444'),
        cover_data: { mimetype: 'image/png', content: expect.stringMatching(/^iVBOR/), description: '', type: 3 },
      },
    })
  })

  test('leaves out what the file does not say', async () => {
    const { uuid } = await upload(pod, alice, await readFile(audioFixture('tone.mp3')))
    const album = { title: '[Unknown Album]', mbid: null, release_date: null, artists: [], cover_data: null }
    expect((await read(uuid)).json()).toEqual({ album })
  })

  test('answers 500 with a reason when there is nothing to read', async () => {
    const { uuid } = await upload(pod, alice, Buffer.from('no music'))
    expect([(await read(uuid)).statusCode, (await read(uuid)).json()]).toEqual([500, { detail: expect.any(String) }])
    const gone = await anUpload(pod.db, { libraryId: alice.library.id })
    expect((await read(gone.uuid)).statusCode).toBe(500)
  })

  test('somebody else’s is not found', async () => {
    const { uuid } = await upload(pod, alice, song)
    expect((await read(uuid, (await anUploader(pod)).headers)).statusCode).toBe(404)
  })
})

describe('access to uploads', () => {
  test.each([
    ['GET', '', 'read:libraries'],
    ['GET', nobody, 'read:libraries'],
    ['GET', `${nobody}/audio-file-metadata`, 'read:libraries'],
    ['POST', '', 'write:libraries'],
    ['POST', 'action', 'write:libraries'],
    ['PATCH', nobody, 'write:libraries'],
    ['PUT', nobody, 'write:libraries'],
    ['DELETE', nobody, 'write:libraries'],
  ] as const)('%s %s needs %s', async (method, path, scope) => {
    const body = method === 'GET' ? {} : { body: multipart({ a: 'b' }) }
    const status = async (headers: Record<string, string>) =>
      (await send(pod, method, url + path, { headers, ...body })).statusCode
    const other = scope === 'read:libraries' ? 'write' : 'read'
    expect(await status({})).toBe(401)
    expect(await status(await tokenOf(pod, alice.user, other))).toBe(403)
    expect([200, 400, 404]).toContain(await status(await tokenOf(pod, alice.user, scope)))
  })

  test('nobody’s file is taken who may not send any', async () => {
    const before = await filesOnDisk()
    const headers = await tokenOf(pod, alice.user, 'read:libraries')
    expect((await post(uploadBody(song, { library: alice.library.uuid }), headers)).statusCode).toBe(403)
    expect(await filesOnDisk()).toEqual(before)
  })
})

test('a list is read in as many statements for many uploads as for one', async () => {
  const seen: string[] = []
  const db = openDatabase(await testDatabaseLocation(), { onStatement: (sql) => void seen.push(sql) })
  const watched = await podOn(db)
  const statements = async () => {
    const before = seen.length
    const answer = await send(watched, 'GET', url, { headers: alice.headers })
    expect(answer.statusCode).toBe(200)
    return seen.length - before
  }
  const artist = await anArtist(pod.db)
  const add = async () => {
    const album = await anAlbum(pod.db, { artistId: artist.id })
    const track = await aTrack(pod.db, { albumId: album.id })
    const library = await aLibrary(pod.db, { owner: alice.user })
    await anUpload(pod.db, { libraryId: library.id, trackId: track.id })
  }
  await add()
  await statements()
  const one = await statements()
  for (let i = 0; i < 10; i += 1) await add()
  expect(await statements()).toBe(one)
  await watched.close()
  await db.$disconnect()
})

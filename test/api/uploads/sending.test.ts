import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { anMp3, audioFixture } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aLibrary, anUpload } from '../../support/music.ts'
import { bodies, type json, multipart, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'
import { anUploader, parts, type Uploader, upload, uploadBody } from '../../support/uploading.ts'

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

const post = (body: ReturnType<typeof json>, headers = alice.headers) => send(pod, 'POST', url, { body, headers })

/** Audio files on the disk. */
async function filesOnDisk(): Promise<string[]> {
  const all = await readdir(join(pod.config.dataDir, 'media'), { recursive: true, withFileTypes: true }).catch(() => [])
  return all.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock')).map(({ name }) => name)
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
      'metadata with a blank title',
      { library: 'own', import_metadata: '{"title":" "}' },
      'song',
      { import_metadata: { title: ['This field may not be blank.'] } },
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
    [
      'a position that is none',
      { library: 'own', import_metadata: JSON.stringify({ title: 'a', position: 0 }) },
      'song',
      { import_metadata: { position: ['Ensure this value is greater than or equal to 1.'] } },
    ],
    [
      'a position that is far too large',
      { library: 'own', import_metadata: JSON.stringify({ title: 'a', position: 1_000_001 }) },
      'song',
      { import_metadata: { position: ['Ensure this value is less than or equal to 1000000.'] } },
    ],
    ...[{ license: 'mine' }, { tags: ['a b'] }, { mbid: 'x' }, { copyright: 'x'.repeat(501) }].map(
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

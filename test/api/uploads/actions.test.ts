import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Upload } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { anMp3, audioFixture } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import { anUpload } from '../../support/music.ts'
import { form, json, send } from '../../support/requests.ts'
import { anUploader, type Uploader, upload } from '../../support/uploading.ts'

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

describe('POST uploads/action', () => {
  const act = (body: ReturnType<typeof json>) => send(pod, 'POST', `${url}action/`, { body, headers: alice.headers })
  const of = (importStatus: string, importReference = '') =>
    anUpload(pod.db, { libraryId: alice.library.id, importStatus, importReference })

  test('delete removes those of one’s own that are named, whatever their status', async () => {
    const [one, two] = [await of('finished'), await of('draft')]
    await of('finished')
    const foreign = await anUpload(pod.db)
    const answer = await act(json({ action: 'delete', objects: [one.uuid, two.uuid, foreign.uuid] }))
    expect(answer.json(), answer.body).toEqual({ updated: 2, action: 'delete', result: [2, { 'music.Upload': 2 }] })
    expect(await pod.db.upload.count()).toBe(2)
  })

  test('delete of all removes those of one’s own that the filters let through', async () => {
    await of('errored', 'mine')
    await of('errored', 'other')
    await of('finished', 'mine')
    const filters = { import_status: ['errored'], import_reference: 'mine' }
    const answer = await act(json({ action: 'delete', objects: 'all', filters }))
    expect(answer.json()).toMatchObject({ updated: 1 })
    expect(await pod.db.upload.count()).toBe(2)
  })

  test('numbers and booleans in JSON filters count like their text', async () => {
    const [numbered] = [await of('draft', '2024'), await of('finished', 'other')]
    const remaining = async () => (await pod.db.upload.findMany()).map(({ importReference }) => importReference)
    const filters = { import_reference: 2024, playable: false, q: null, hidden: '' }
    expect((await act(json({ action: 'delete', objects: 'all', filters }))).json()).toMatchObject({ updated: 1 })
    expect(await remaining()).toEqual(['other'])
    const same = { action: 'delete', objects: [numbered.uuid], filters: { import_reference: 2024 } }
    expect((await act(json(same))).statusCode).toBe(400)
  })

  test('deletes more uploads than a statement takes ids', async () => {
    await pod.db.$executeRaw`
      INSERT INTO uploads (uuid, library_id, import_status, import_reference, created_at)
      SELECT gen_random_uuid(), ${alice.library.id}, 'errored', 'many', ${new Date()} FROM generate_series(1, 33000)`
    const answer = await act(json({ action: 'delete', objects: 'all', filters: { import_reference: 'many' } }))
    expect(answer.json()).toEqual({ updated: 33_000, action: 'delete', result: [33_000, { 'music.Upload': 33_000 }] })
    expect(await pod.db.upload.count()).toBe(0)
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
    { action: 'delete', objects: 'all', filters: { library: 5 } },
    { action: 'delete', objects: 'all', filters: { import_reference: { a: 'b' } } },
    { action: 'delete', objects: 'all', filters: { import_status: 'odd' } },
    {},
  ])('refuses %j', async (body) => {
    await of('draft')
    expect((await act(json(body))).statusCode).toBe(400)
    expect(await pod.db.upload.count()).toBe(1)
  })

  test('says what is wrong with a list of none', async () => {
    const answer = await act(json({ action: 'delete', objects: [] }))
    expect(answer.json()).toEqual({ objects: ['This list may not be empty.'] })
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

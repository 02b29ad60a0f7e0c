import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { anMp3, audioFixture } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aLibrary, anUpload, aTrack } from '../../support/music.ts'
import { json, send } from '../../support/requests.ts'
import {
  anUploader,
  imported,
  readUpload,
  runJobs,
  type Uploader,
  upload,
  uploadBody,
} from '../../support/uploading.ts'

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

const patch = (uuid: string, fields: object) =>
  send(pod, 'PATCH', url + uuid, { body: json(fields), headers: alice.headers })

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

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { audioFixture } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { anArtist, aTrack } from '../../support/music.ts'
import { type Headers, send } from '../../support/requests.ts'
import { someSound } from '../../support/sound.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let mp3: Buffer
beforeAll(async () => {
  pod = await testApp()
  mp3 = await readFile(audioFixture('tagged.mp3'))
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
})
afterEach(() => vi.useRealTimers())

async function listener(user?: User): Promise<Record<string, string>> {
  return tokenOf(pod, user ?? (await aUser(pod.db)), 'read:libraries')
}

const get = (url: string, headers: Headers = {}) => send(pod, 'GET', url, { headers })

describe('who may listen', () => {
  test('the owner of a private library gets the file under its name', async () => {
    const { owner, url } = await someSound(pod)
    const answer = await get(url, await listener(owner))
    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload).toEqual(mp3)
    expect(answer.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': String(mp3.length),
      'content-disposition': "attachment; filename*=UTF-8''Foo%20-%20Bar%20-%20Baz.mp3",
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
    })
  })

  test.each([
    ['me', 404, 404],
    ['instance', 200, 404],
    ['everyone', 200, 200],
  ])(
    'a library for %s: %i to others of the pod, %i to strangers where the pod is open',
    async (level, user, stranger) => {
      await openPod(pod)
      const { url } = await someSound(pod, { privacyLevel: level })
      expect((await get(url, await listener())).statusCode).toBe(user)
      expect((await get(url)).statusCode).toBe(stranger)
    },
  )

  test.each(['draft', 'pending', 'errored'])(
    'a file whose import is %s is not there, even for its owner',
    async (importStatus) => {
      const { owner, url } = await someSound(pod, { upload: { importStatus } })
      expect((await get(url, await listener(owner))).statusCode).toBe(404)
    },
  )

  test('a duplicate that was skipped is played', async () => {
    const { owner, url } = await someSound(pod, { upload: { importStatus: 'skipped' } })
    expect((await get(url, await listener(owner))).statusCode).toBe(200)
  })

  test('without credentials a closed pod answers 401, without the scope 403', async () => {
    const { owner, url } = await someSound(pod, { privacyLevel: 'everyone' })
    const stranger = await get(url)
    expect(stranger.statusCode).toBe(401)
    expect(stranger.headers['www-authenticate']).toMatch(/^Bearer/)
    expect((await get(url, await tokenOf(pod, owner, 'read:playlists'))).statusCode).toBe(403)
  })

  test('a client that speaks for itself hears what strangers hear', async () => {
    await openPod(pod)
    const { url } = await someSound(pod, { privacyLevel: 'instance' })
    expect((await get(url)).statusCode).toBe(404)
  })
})

describe('what is not there', () => {
  test.each([
    ['an unknown track', () => `/api/v1/listen/${randomUUID()}/`],
    ['no uuid', () => '/api/v1/listen/abc/'],
    ['no uuid of a stream', () => '/api/v1/stream/abc.mp3'],
    ['an unknown stream', () => `/api/v1/stream/${randomUUID()}.mp3`],
  ])('%s is 404', async (_, url) => {
    const answer = await get(url(), await listener())
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toEqual({ detail: 'Not found.' })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('a track without a file is 404', async () => {
    const track = await aTrack(pod.db)
    expect((await get(`/api/v1/listen/${track.uuid}/`, await listener())).statusCode).toBe(404)
  })

  test('a row whose file is gone is 404', async () => {
    const { owner, url, upload } = await someSound(pod)
    await pod.services.media.remove(upload.fileKey)
    expect((await get(url, await listener(owner))).statusCode).toBe(404)
  })

  test('an upload of another track, an unknown one or no uuid is 404', async () => {
    const { owner, url } = await someSound(pod)
    const other = await someSound(pod, { owner })
    const headers = await listener(owner)
    for (const upload of [other.upload.uuid, randomUUID(), 'abc']) {
      expect((await get(`${url}?upload=${upload}`, headers)).statusCode, upload).toBe(404)
    }
  })
})

describe('which file', () => {
  test('the upload that was asked for, else the oldest that the listener may hear', async () => {
    const first = await someSound(pod)
    const { track } = first
    const second = await someSound(pod, { track, extension: 'flac' })
    const third = await someSound(pod, { track, extension: 'ogg', owner: second.owner })
    const headers = await listener(second.owner)
    expect((await get(first.url, headers)).headers['content-type']).toBe('audio/flac')
    expect((await get(`${first.url}?upload=${third.upload.uuid}`, headers)).headers['content-type']).toBe('audio/ogg')
    expect((await get(`${first.url}?upload=${first.upload.uuid}`, headers)).statusCode).toBe(404)
  })

  test.each([
    ['mp3', 'audio/mpeg'],
    ['flac', 'audio/flac'],
    ['ogg', 'audio/ogg'],
    ['opus', 'audio/opus'],
    ['m4a', 'audio/x-m4a'],
    ['aiff', 'audio/x-aiff'],
  ] as const)('%s goes out as %s', async (extension, mimetype) => {
    const { owner, url } = await someSound(pod, { extension })
    const answer = await get(url, await listener(owner))
    expect(answer.headers['content-type']).toBe(mimetype)
    expect(answer.rawPayload).toEqual(await readFile(audioFixture(`tagged.${extension}`)))
  })

  test('`download` with any value but true leaves the name out; the Accept header does not count (Q5)', async () => {
    const { owner, url } = await someSound(pod)
    const headers = { ...(await listener(owner)), accept: 'text/html' }
    for (const value of ['false', '0', 'True', '']) {
      const answer = await get(`${url}?download=${value}`, headers)
      expect(answer.statusCode).toBe(200)
      expect(answer.headers['content-disposition']).toBeUndefined()
    }
    expect((await get(`${url}?download=true`, headers)).headers['content-disposition']).toContain('attachment')
  })

  test('names in any script survive (RFC 8187)', async () => {
    const artist = await anArtist(pod.db, { name: 'Sigur Rós / "(x)"' })
    const track = await aTrack(pod.db, { title: '夜', artistId: artist.id })
    const { owner, url } = await someSound(pod, { track })
    const name = String((await get(url, await listener(owner))).headers['content-disposition']).split("''")[1] ?? ''
    expect(name).toMatch(/^[A-Za-z0-9%._-]+$/)
    expect(decodeURIComponent(name)).toBe('Sigur Rós / "(x)" - 夜.mp3')
  })

  test.each(['.mp3', '/', ''])('stream/<uuid>%s is the same file without a name', async (end) => {
    const { owner, track } = await someSound(pod)
    const answer = await get(`/api/v1/stream/${track.uuid}${end}`, await listener(owner))
    expect(answer.rawPayload).toEqual(mp3)
    expect(answer.headers['content-disposition']).toBeUndefined()
  })
})

test('a uuid may be written in capitals', async () => {
  const { owner, track, upload } = await someSound(pod)
  const uuid = track.uuid.toUpperCase()
  for (const path of [`listen/${uuid}?upload=${upload.uuid.toUpperCase()}`, `stream/${uuid}.mp3`]) {
    expect((await get(`/api/v1/${path}`, await listener(owner))).statusCode).toBe(200)
  }
})

test('HEAD says what GET says, without a body', async () => {
  const { owner, url } = await someSound(pod)
  const headers = await listener(owner)
  const head = await send(pod, 'HEAD', url, { headers })
  const { date: _date, 'x-request-id': _id, ...told } = (await get(url, headers)).headers
  expect(head.headers).toMatchObject(told)
  expect(head.rawPayload).toHaveLength(0)
})

describe('counting', () => {
  test('shows on the track at once', async () => {
    const { owner, url } = await someSound(pod)
    const headers = await listener(owner)
    await get(url, headers)
    const shown = async () => (await get('/api/v1/tracks/', headers)).json().results[0].downloads_count
    await vi.waitFor(async () => expect(await shown()).toBe(1), { timeout: 5000, interval: 100 })
  })

  async function counts(uploadId: number) {
    await pod.services.mediaUsage.flush()
    const { downloadsCount, accessedAt, track } = await pod.db.upload.findUniqueOrThrow({
      where: { id: uploadId },
      include: { track: true },
    })
    return { upload: downloadsCount, track: track?.downloadsCount, accessedAt }
  }

  test('once per person and address in six hours, whatever was asked for in parts; no listening is made', async () => {
    await openPod(pod)
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2024-05-01T12:00:00Z') })
    const { owner, url, upload } = await someSound(pod, { privacyLevel: 'everyone' })
    const headers = await listener(owner)
    expect(await counts(upload.id)).toEqual({ upload: 0, track: 0, accessedAt: null })
    await get(url, headers)
    await get(url, { ...headers, range: 'bytes=100-' })
    await send(pod, 'HEAD', url, { headers })
    expect(await counts(upload.id)).toEqual({ upload: 1, track: 1, accessedAt: new Date('2024-05-01T12:00:00Z') })
    await get(url)
    await get(url)
    expect(await counts(upload.id)).toMatchObject({ upload: 2, track: 2 })
    vi.setSystemTime(new Date('2024-05-01T17:59:00Z'))
    await get(url, headers)
    expect(await counts(upload.id)).toMatchObject({ upload: 2, accessedAt: new Date('2024-05-01T17:59:00Z') })
    vi.setSystemTime(new Date('2024-05-01T18:01:00Z'))
    await get(url, headers)
    expect(await counts(upload.id)).toMatchObject({ upload: 3, track: 3 })
    expect(await pod.db.listening.count()).toBe(0)
  })

  test('what is longer than six hours counts once while it lasts', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2024-05-01T12:00:00Z') })
    const { owner, url, upload } = await someSound(pod, { upload: { duration: 8 * 3600 } })
    const headers = await listener(owner)
    await get(url, headers)
    vi.setSystemTime(new Date('2024-05-01T19:00:00Z'))
    await get(url, headers)
    expect(await counts(upload.id)).toMatchObject({ upload: 1 })
    vi.setSystemTime(new Date('2024-05-01T20:01:00Z'))
    await get(url, headers)
    expect(await counts(upload.id)).toMatchObject({ upload: 2 })
  })

  test('what is refused or not modified is not counted', async () => {
    const { owner, url, upload } = await someSound(pod)
    const headers = await listener(owner)
    const { etag } = (await send(pod, 'HEAD', url, { headers })).headers
    await get(url, { ...headers, 'if-none-match': String(etag) })
    await get(url, { ...headers, range: 'bytes=999999-' })
    await get(url, await listener())
    expect(await counts(upload.id)).toMatchObject({ upload: 0, track: 0, accessedAt: null })
  })
})

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { audioFixture } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import { type Headers, send } from '../../support/requests.ts'
import { someSound } from '../../support/sound.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let mp3: Buffer
let url: string
let bearer: Headers
let etag: string
let lastModified: string

beforeAll(async () => {
  pod = await testApp()
  mp3 = await readFile(audioFixture('tagged.mp3'))
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  const sound = await someSound(pod)
  url = sound.url
  bearer = await tokenOf(pod, sound.owner, 'read:libraries')
  const { headers } = await send(pod, 'HEAD', url, { headers: bearer })
  etag = String(headers.etag)
  lastModified = String(headers['last-modified'])
})

const ask = (headers: Headers = {}) => send(pod, 'GET', url, { headers: { ...bearer, ...headers } })

const later = (date: string, seconds: number) => new Date(Date.parse(date) + seconds * 1000).toUTCString()

describe('Range (RFC 9110 §14)', () => {
  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=0-99', 0, 99],
    ['bytes=100-', 100, undefined],
    ['bytes=-100', -100, undefined],
    ['bytes=0-', 0, undefined],
    ['bytes=10-99999999', 10, undefined],
    ['bytes=-99999999', 0, undefined],
    ['Bytes = 5 - 6', 5, 6],
  ])('%s is answered with that part', async (range, first, last) => {
    const answer = await ask({ range })
    const start = first < 0 ? mp3.length + first : first
    const end = last ?? mp3.length - 1
    expect(answer.statusCode).toBe(206)
    expect(answer.rawPayload).toEqual(mp3.subarray(start, end + 1))
    expect(answer.headers).toMatchObject({
      'content-range': `bytes ${start}-${end}/${mp3.length}`,
      'content-length': String(end - start + 1),
      'content-type': 'audio/mpeg',
      'accept-ranges': 'bytes',
      etag,
    })
  })

  test.each(['bytes=999999-', 'bytes=-0', 'bytes=size-'])('%s is beyond the file: 416', async (given) => {
    const range = given.replace('size', String(mp3.length))
    const answer = await ask({ range })
    expect(answer.statusCode).toBe(416)
    expect(answer.headers['content-range']).toBe(`bytes */${mp3.length}`)
    expect(answer.headers['content-type']).toMatch('application/json')
    expect(answer.headers['content-disposition']).toBeUndefined()
    expect(answer.json()).toEqual({ detail: expect.any(String) })
  })

  test.each([
    'bytes=5-2',
    'bytes=-',
    'bytes=a-b',
    'lines=1-2',
    'bytes',
    '',
    'bytes=0-1,4-5',
    'bytes=1-2,',
    'bytes=0x1-2',
  ])('%o is no range the pod knows, and ignored', async (range) => {
    const answer = await ask({ range })
    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload).toEqual(mp3)
    expect(answer.headers['content-range']).toBeUndefined()
  })

  test('HEAD ignores it (§14.2)', async () => {
    const answer = await send(pod, 'HEAD', url, { headers: { ...bearer, range: 'bytes=0-9' } })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-length']).toBe(String(mp3.length))
  })

  test('the parts put together are the file', async () => {
    const parts: Buffer[] = []
    for (let start = 0; start < mp3.length; start += 1000) {
      parts.push((await ask({ range: `bytes=${start}-${start + 999}` })).rawPayload)
    }
    expect(Buffer.concat(parts)).toEqual(mp3)
  })
})

describe('If-Range (RFC 9110 §13.1.5)', () => {
  test('the part comes when the file is still the same', async () => {
    for (const validator of [etag, lastModified]) {
      expect((await ask({ range: 'bytes=0-9', 'if-range': validator })).statusCode, validator).toBe(206)
    }
  })

  test('otherwise everything comes', async () => {
    for (const validator of ['"other"', `W/${etag}`, later(lastModified, -1), later(lastModified, 1), 'nonsense']) {
      const answer = await ask({ range: 'bytes=0-9', 'if-range': validator })
      expect(answer.statusCode, validator).toBe(200)
      expect(answer.rawPayload).toEqual(mp3)
    }
  })

  test('also where the part would be beyond the file', async () => {
    expect((await ask({ range: 'bytes=999999-', 'if-range': '"other"' })).statusCode).toBe(200)
  })
})

describe('conditional requests (RFC 9110 §13)', () => {
  test('a file that is known is 304, without a body', async () => {
    for (const headers of [
      { 'if-none-match': etag },
      { 'if-none-match': `"other", W/${etag}` },
      { 'if-none-match': '*' },
      { 'if-modified-since': lastModified },
      { 'if-modified-since': later(lastModified, 60) },
      { 'if-none-match': etag, 'if-modified-since': later(lastModified, -60) },
      { 'if-none-match': etag, range: 'bytes=0-9' },
    ]) {
      const answer = await ask(headers)
      expect(answer.statusCode, JSON.stringify(headers)).toBe(304)
      expect(answer.rawPayload).toHaveLength(0)
      expect(answer.headers).toMatchObject({ etag, 'cache-control': 'private, no-cache' })
      expect(answer.headers['content-length']).toBeUndefined()
    }
  })

  test('one that is not comes', async () => {
    for (const headers of [
      { 'if-none-match': '"other"' },
      { 'if-modified-since': later(lastModified, -60) },
      { 'if-modified-since': 'nonsense' },
      { 'if-none-match': '"other"', 'if-modified-since': lastModified },
    ]) {
      expect((await ask(headers)).statusCode, JSON.stringify(headers)).toBe(200)
    }
  })

  test('who expects a file gets it, or 412 for another', async () => {
    for (const headers of [
      { 'if-match': etag },
      { 'if-match': `"other",${etag}` },
      { 'if-match': '*' },
      { 'if-unmodified-since': lastModified },
      { 'if-match': etag, 'if-unmodified-since': later(lastModified, -60) },
    ]) {
      expect((await ask(headers)).statusCode, JSON.stringify(headers)).toBe(200)
    }
    for (const headers of [
      { 'if-match': '"other"' },
      { 'if-match': `W/${etag}` },
      { 'if-unmodified-since': later(lastModified, -60) },
    ]) {
      expect((await ask(headers)).statusCode, JSON.stringify(headers)).toBe(412)
    }
  })

  test('HEAD answers 304 alike', async () => {
    const answer = await send(pod, 'HEAD', url, { headers: { ...bearer, 'if-none-match': etag } })
    expect(answer.statusCode).toBe(304)
  })
})

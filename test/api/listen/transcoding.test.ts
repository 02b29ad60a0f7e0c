import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseBuffer } from 'music-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config.ts'
import { listeningApp, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { type Headers, send } from '../../support/requests.ts'
import { type Sound, someSound } from '../../support/sound.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let sound: Sound
let headers: Record<string, string>
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await pod.services.settings.change({ music__transcoding_enabled: true })
  sound = await someSound(pod, { extension: 'flac', upload: { bitrate: 900_000 } })
  headers = await tokenOf(pod, sound.owner, 'read:libraries')
})

const get = (query: string, more: Headers = {}, at = pod) =>
  send(at, 'GET', `${sound.url}?${query}`, { headers: { ...headers, ...more } })

const copies = () => pod.db.transcodedFile.findMany({ orderBy: { id: 'asc' } })

describe('with ffmpeg', () => {
  test.each([
    ['mp3', 'audio/mpeg', 'MPEG', 'mp3'],
    ['ogg', 'audio/ogg', 'Ogg', 'ogg'],
    ['opus', 'audio/opus', 'Ogg', 'opus'],
    ['m4a', 'audio/x-m4a', 'M4A', 'm4a'],
    ['aac', 'audio/x-m4a', 'M4A', 'm4a'],
    ['aiff', 'audio/x-aiff', 'AIFF', 'aiff'],
  ])('to=%s: %s in %s, named .%s', async (to, mimetype, container, extension) => {
    const answer = await get(`to=${to}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe(mimetype)
    expect(answer.headers['content-length']).toBe(String(answer.rawPayload.length))
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename*=UTF-8''Foo%20-%20Bar%20-%20Baz.${extension}`,
    )
    const { format } = await parseBuffer(answer.rawPayload, { mimeType: mimetype }, { duration: true })
    expect(format.container).toContain(container)
    expect(format.duration).toBeGreaterThan(0.5)
  })

  test('flac can be asked for as well', async () => {
    sound = await someSound(pod, { owner: sound.owner })
    const answer = await get('to=flac')
    expect(answer.headers['content-type']).toBe('audio/flac')
    expect(answer.rawPayload.subarray(0, 4).toString()).toBe('fLaC')
  })

  test('stream is always MP3', async () => {
    const answer = await send(pod, 'GET', `/api/v1/stream/${sound.track.uuid}.mp3`, { headers })
    expect(answer.headers['content-type']).toBe('audio/mpeg')
    expect(answer.headers['content-disposition']).toBeUndefined()
  })

  test('max_bitrate is kept', async () => {
    const answer = await get('to=mp3&max_bitrate=64')
    const { format } = await parseBuffer(answer.rawPayload, { mimeType: 'audio/mpeg' }, { duration: true })
    expect(format.bitrate).toBe(64_000)
    expect(await copies()).toMatchObject([{ mimetype: 'audio/mpeg', bitrate: 64_000 }])
  })

  test.each([
    ['', 320_000],
    ['-1', 320_000],
    ['0', 320_000],
    ['abc', 320_000],
    ['128', 128_000],
    ['320', 320_000],
    ['460', 320_000],
  ])('max_bitrate=%s counts as %i', async (text, bitrate) => {
    await get(`to=mp3&max_bitrate=${text}`)
    expect(await copies()).toMatchObject([{ bitrate }])
  })

  test('a copy is made once and used again for what is nearly the same', async () => {
    await get('to=mp3&max_bitrate=128')
    await get('to=mp3&max_bitrate=128')
    await get('to=mp3&max_bitrate=140')
    await get('to=mp3&max_bitrate=110')
    expect(await copies()).toHaveLength(1)
    await get('to=mp3&max_bitrate=200')
    await get('to=ogg&max_bitrate=128')
    expect(await copies()).toHaveLength(3)
  })

  test('however many ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => get('to=mp3')))
    expect(new Set(answers.map(({ rawPayload }) => rawPayload.toString('base64'))).size).toBe(1)
    expect(await copies()).toHaveLength(1)
  })

  test('parts and conditions work on a copy', async () => {
    const first = await get('to=mp3')
    const part = await get('to=mp3', { range: 'bytes=100-199', 'if-range': String(first.headers.etag) })
    expect(part.statusCode).toBe(206)
    expect(part.rawPayload).toEqual(first.rawPayload.subarray(100, 200))
    expect((await get('to=mp3', { 'if-none-match': String(first.headers.etag) })).statusCode).toBe(304)
    expect((await get('', { 'if-none-match': String(first.headers.etag) })).statusCode).toBe(200)
  })

  test('HEAD makes no copy, and tells the length of one that is there', async () => {
    const head = () => send(pod, 'HEAD', `${sound.url}?to=mp3`, { headers })
    const before = await head()
    expect(before.statusCode).toBe(200)
    expect(before.headers).toMatchObject({ 'content-type': 'audio/mpeg' })
    expect(before.headers['content-length']).toBeUndefined()
    expect(await copies()).toHaveLength(0)
    const { rawPayload } = await get('to=mp3')
    expect((await head()).headers['content-length']).toBe(String(rawPayload.length))
  })

  test('a copy whose file is gone is made again', async () => {
    await get('to=mp3')
    const [copy] = await copies()
    await pod.services.media.remove(copy?.fileKey ?? '')
    expect((await get('to=mp3')).statusCode).toBe(200)
    const now = await copies()
    expect(now).toHaveLength(1)
    expect(now[0]?.id).not.toBe(copy?.id)
  })

  test('where the setting forbids it files go out as they are', async () => {
    await pod.services.settings.change({ music__transcoding_enabled: false })
    expect((await get('to=mp3')).headers['content-type']).toBe('audio/flac')
    const stream = await send(pod, 'GET', `/api/v1/stream/${sound.track.uuid}.mp3`, { headers })
    expect(stream.headers['content-type']).toBe('audio/flac')
  })

  test('a file that is no audio is refused, and leaves nothing behind', async () => {
    sound = await someSound(pod, { owner: sound.owner, extension: 'flac', bytes: Buffer.from('no audio'.repeat(100)) })
    const answer = await get('to=mp3')
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toEqual({ detail: 'This audio cannot be converted.' })
    expect(await copies()).toHaveLength(0)
    expect(
      (await readdir(join(pod.config.dataDir, 'media', 'unfinished'), { recursive: true })).length,
    ).toBeLessThanOrEqual(2)
  })

  test('a playlist that names other files is not read', async () => {
    const secret = join(pod.config.dataDir, 'secret.mp3')
    await writeFile(secret, await readFile(new URL('../../fixtures/audio/tone.mp3', import.meta.url)))
    for (const text of [
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`,
      `ffconcat version 1.0\nfile '${secret}'\n`,
    ]) {
      sound = await someSound(pod, { owner: sound.owner, extension: 'flac', bytes: Buffer.from(text) })
      expect((await get('to=mp3')).statusCode).toBe(422)
    }
  })
})

describe('without ffmpeg', () => {
  async function aPod(changes: Partial<Config>, use: (other: TestApp) => Promise<void>) {
    const other = await testApp({ dataDir: pod.config.dataDir, ...changes })
    try {
      await use(other)
    } finally {
      await other.close()
    }
  }

  test('conversion is 501 with a reason, everything else goes on', async () => {
    await aPod({ ffmpegPath: join(pod.config.dataDir, 'nowhere') }, async (other) => {
      const answer = await get('to=mp3', {}, other)
      expect(answer.statusCode).toBe(501)
      expect(answer.json()).toEqual({ detail: 'This pod cannot convert audio: ffmpeg is not installed.' })
      expect((await get('', {}, other)).statusCode).toBe(200)
      expect((await get('to=flac', {}, other)).statusCode).toBe(200)
    })
  })
})

describe('ffmpeg that takes its time', () => {
  /** Stands in for ffmpeg: says that it is there, and converts when `go` exists. */
  async function slowFfmpeg() {
    const path = join(pod.config.dataDir, 'slow-ffmpeg')
    const [go, pids] = [join(pod.config.dataDir, 'go'), join(pod.config.dataDir, 'pids')]
    await rm(go, { force: true })
    await writeFile(pids, '')
    await writeFile(
      path,
      `#!/bin/sh
for last; do :; done
[ "$last" = -version ] && exit 0
echo $$ >> ${pids}
echo half > "$last"
while [ ! -e ${go} ]; do sleep 0.05; done
echo whole > "$last"
`,
    )
    await chmod(path, 0o700)
    const started = async () =>
      (await readFile(pids, 'utf8'))
        .split('\n')
        .filter((pid) => pid !== '')
        .map(Number)
    return { path, started, letGo: () => writeFile(go, '') }
  }

  const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

  test('nobody gets a half copy, and one more than the queue holds is told to come back (503)', async () => {
    const { path, started, letGo } = await slowFfmpeg()
    const other = await testApp({ dataDir: pod.config.dataDir, ffmpegPath: path })
    const kinds = ['mp3', 'ogg', 'opus', 'm4a', 'aiff'] as const
    const waiting = kinds.flatMap((to) =>
      [32, 64, 96, 128, 320].map((bitrate) => get(`to=${to}&max_bitrate=${bitrate}`, {}, other)),
    )
    const answersSoFar = Promise.all(waiting)
    await expect.poll(started, { timeout: 15_000 }).not.toEqual([])
    const refused = await get('to=opus&max_bitrate=200', {}, other)
    expect(await copies()).toEqual([])
    await letGo()
    const answers = [...(await answersSoFar), refused]
    const busy = answers.filter(({ statusCode }) => statusCode === 503)
    expect(busy.length).toBeGreaterThan(0)
    for (const answer of busy) expect(answer.headers['retry-after']).toBe('60')
    for (const answer of answers) {
      if (answer.statusCode === 200) expect(answer.payload).toBe('whole\n')
      else expect(answer.statusCode).toBe(503)
    }
    await other.close()
  })

  test('a pod that closes ends it, and tells who waits', async () => {
    const { path, started } = await slowFfmpeg()
    const other = await listeningApp({ dataDir: pod.config.dataDir, ffmpegPath: path })
    const waiting = fetch(`${other.url}${sound.url}?to=mp3`, { headers })
    await expect.poll(started, { timeout: 15_000 }).toHaveLength(1)
    const [pid = 0] = await started()
    await other.close()
    expect((await waiting).status).toBe(503)
    expect(isAlive(pid)).toBe(false)
    expect(await copies()).toEqual([])
  })
})

test('the machine of the tests has ffmpeg', () => {
  expect(spawnSync('ffmpeg', ['-version']).status).toBe(0)
})

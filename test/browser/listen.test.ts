import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { emptyDatabase } from '../support/database.ts'
import { send } from '../support/requests.ts'
import { openStage, type Stage } from '../support/stage.ts'
import { tokenOf } from '../support/tokens.ts'
import { anUploader, imported, type Uploader } from '../support/uploading.ts'

let stage: Stage
let alice: Uploader
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())
beforeEach(async () => {
  await emptyDatabase(stage.pod.db)
  alice = await anUploader(stage.pod, { username: 'alice' })
})

const seconds = 300

/** Five minutes of noise, tagged: so many bytes that no player loads them at once. */
async function aSong(extension: string): Promise<Buffer> {
  const path = join(stage.pod.config.dataDir, `song.${extension}`)
  const noise = `anoisesrc=d=${seconds}:c=pink:a=0.3:s=7`
  const tags = ['-metadata', 'title=Tide', '-metadata', 'artist=The Whales', '-metadata', 'album=Deep Water']
  const { status, stderr } = spawnSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    noise,
    ...tags,
    '-ac',
    '2',
    '-b:a',
    '320k',
    ...(extension === 'aiff' ? ['-write_id3v2', '1'] : []),
    // Noise is what the usual way of coding takes longest for.
    ...(extension === 'm4a' ? ['-aac_coder', 'fast'] : []),
    path,
  ])
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  return readFile(path)
}

interface Asked {
  range: string | undefined
  status: number
}

/** A page of somebody else's player, and what it asks the pod for. */
async function aPlayer(): Promise<{ page: Page; asked: Asked[] }> {
  const context = await stage.chromium.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const asked: Asked[] = []
  page.on('response', (response) => {
    if (!response.url().includes('/api/v1/listen/')) return
    asked.push({ range: response.headers()['content-range'], status: response.status() })
  })
  await page.goto(new URL('/', stage.app.callback).href)
  return { page, asked }
}

interface Played {
  duration: number
  /** Where it stood some sound after the start, and after jumping to 250 s. */
  started: number
  jumped: number
}

/** Plays the beginning, jumps far ahead, and plays there. */
function playAndSeek(page: Page, src: string): Promise<Played> {
  return page.evaluate(async (src) => {
    const audio = new Audio()
    audio.muted = true
    const until = (event: string) =>
      new Promise<void>((resolve, reject) => {
        audio.addEventListener(event, () => resolve(), { once: true })
        audio.addEventListener('error', () => reject(new Error(audio.error?.message)), { once: true })
      })
    const heard = async (from: number) => {
      while (audio.currentTime <= from + 0.2) await until('timeupdate')
      return audio.currentTime
    }
    const ready = until('canplay')
    audio.src = src
    await ready
    await audio.play()
    const started = await heard(0)
    const seeked = until('seeked')
    audio.currentTime = 250
    await seeked
    const jumped = await heard(250)
    audio.pause()
    return { duration: audio.duration, started, jumped }
  }, src)
}

test.each(['mp3', 'flac', 'ogg', 'opus', 'm4a'])(
  '%s: uploaded, imported, played in another site’s <audio>, and there is no need to load what is jumped over',
  async (extension) => {
    const done = await imported(stage.pod, alice, await aSong(extension), {}, `song.${extension}`)
    expect(done).toMatchObject({ import_status: 'finished', track: { title: 'Tide' } })
    const me = await send(stage.pod, 'GET', '/api/v1/users/me', {
      headers: await tokenOf(stage.pod, alice.user, 'read:profile', 'read:libraries'),
    })
    const { page, asked } = await aPlayer()
    const { listen_url } = done.track as { listen_url: string }
    const played = await playAndSeek(page, `${stage.pod.url}${listen_url}?token=${me.json().tokens.listen}`)
    expect(played.duration).toBeCloseTo(seconds, -1)
    expect(played.started).toBeGreaterThan(0.2)
    expect(played.jumped).toBeGreaterThan(250)
    const starts = () => asked.map(({ range }) => Number(/^bytes (\d+)-/.exec(range ?? '')?.[1]))
    await expect.poll(() => Math.max(...starts())).toBeGreaterThan(done.size / 3)
    expect(starts()).toContain(0)
    expect(asked.every(({ status }) => status === 206)).toBe(true)
  },
)

test('a listen token that is worth nothing plays nothing, and the player can find out why', async () => {
  const done = await imported(stage.pod, alice, await aSong('mp3'), {}, 'song.mp3')
  const { page } = await aPlayer()
  const { listen_url } = done.track as { listen_url: string }
  const src = `${stage.pod.url}${listen_url}?token=1.2.x`
  await expect(playAndSeek(page, src)).rejects.toThrow()
  expect(await page.evaluate(async (src) => (await fetch(src)).status, src)).toBe(401)
})

test('what the browser cannot play it gets converted', async () => {
  const done = await imported(stage.pod, alice, await aSong('aiff'), {}, 'song.aiff')
  const token = (await tokenOf(stage.pod, alice.user, 'read:libraries')).authorization?.split(' ')[1]
  const { page } = await aPlayer()
  const { listen_url } = done.track as { listen_url: string }
  const played = await playAndSeek(page, `${stage.pod.url}${listen_url}?to=opus&max_bitrate=64&token=${token}`)
  expect(played.jumped).toBeGreaterThan(250)
})

import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listeningApp, type TestApp } from '../../support/app.ts'
import { audioFixture } from '../../support/audio.ts'
import { emptyDatabase } from '../../support/database.ts'
import type { Body } from '../../support/requests.ts'
import { anUploader, type Uploader, uploadBody } from '../../support/uploading.ts'

let pod: TestApp & { url: string }
let alice: Uploader
beforeAll(async () => {
  pod = await listeningApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  alice = await anUploader(pod)
})

/** What lies on the disk under the data folder, in bytes. */
async function bytesOnDisk(): Promise<number> {
  const media = join(pod.config.dataDir, 'media')
  const files = await readdir(media, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(files.map((file) => stat(join(media, file)).catch(() => undefined)))
  return sizes.reduce((all, facts) => all + (facts?.isFile() ? facts.size : 0), 0)
}

function open(headers: Record<string, string>, length: number) {
  const going = request(`${pod.url}/api/v1/uploads/`, {
    method: 'POST',
    headers: { ...headers, 'content-length': length },
  })
  going.on('error', () => undefined)
  return going
}

test('a file is on the disk while it still arrives, and gone when its sender goes away', async () => {
  const { payload, headers } = uploadBody(Buffer.alloc(4_000_000), { library: alice.library.uuid })
  const going = open({ ...headers, ...alice.headers }, payload.length)
  going.write(Buffer.from(payload).subarray(0, 3_000_000))
  await expect.poll(bytesOnDisk, { timeout: 10_000 }).toBeGreaterThan(2_000_000)
  expect(await pod.db.upload.count()).toBe(0)
  going.destroy()
  await expect.poll(bytesOnDisk, { timeout: 10_000 }).toBe(0)
  expect(await pod.db.upload.count()).toBe(0)
})

test('a file that has arrived is gone, too, when its sender goes away before the other fields', async () => {
  const { payload, headers } = uploadBody(Buffer.alloc(1_000_000), { library: alice.library.uuid })
  const whole = Buffer.from(payload)
  const going = open({ ...headers, ...alice.headers }, whole.length)
  going.write(whole.subarray(0, whole.lastIndexOf('--between--') - 10))
  const stored = () => readdir(join(pod.config.dataDir, 'media', 'audio'), { recursive: true })
  await expect.poll(async () => (await stored().catch(() => [])).some((name) => name.endsWith('.mp3'))).toBe(true)
  going.destroy()
  await expect.poll(bytesOnDisk, { timeout: 10_000 }).toBe(0)
})

test('a large file costs no memory of its size', async () => {
  const length = 300_000_000
  const start = Buffer.from(uploadBody(await readFile(audioFixture('tone.mp3'))).payload)
  const head = start.subarray(0, start.indexOf('\r\n--between--'))
  const rest = `\r\n--between\r\ncontent-disposition: form-data; name="library"\r\n\r\n${alice.library.uuid}\r\n--between--\r\n`
  const headers = { 'content-type': 'multipart/form-data; boundary=between', ...alice.headers }
  const going = open(headers, head.length + length + rest.length)
  const answered = once(going, 'response')
  going.write(head)
  const chunk = Buffer.alloc(1_000_000)
  const before = process.memoryUsage().rss
  let most = 0
  for (let sent = 0; sent < length; sent += chunk.length) {
    if (!going.write(chunk)) await once(going, 'drain')
    most = Math.max(most, process.memoryUsage().rss)
  }
  going.end(rest)
  const [answer] = await answered
  expect(answer.statusCode).toBe(201)
  expect(await pod.db.upload.findFirst()).toMatchObject({ size: BigInt(length + 2304) })
  expect(most - before).toBeLessThan(length / 2)
  answer.resume()
})

test('files that arrive at the same time may together be as long as the quota, not each of them', async () => {
  const bob = await anUploader(pod, { username: 'bob', uploadQuotaMb: 5 })
  const mine = { library: bob.library.uuid }
  const song = await readFile(audioFixture('tone.mp3'))
  const long = uploadBody(Buffer.concat([song, Buffer.alloc(4_000_000)]), mine)
  const post = async ({ payload, headers }: Body) => {
    const init = { method: 'POST', headers: { ...headers, ...bob.headers } as HeadersInit }
    const answer = await fetch(`${pod.url}/api/v1/uploads/`, { ...init, body: new Uint8Array(Buffer.from(payload)) })
    return { status: answer.status, text: await answer.text() }
  }
  const going = open({ ...long.headers, ...bob.headers }, Buffer.from(long.payload).length)
  going.write(Buffer.from(long.payload).subarray(0, 1_000_000))
  await expect.poll(bytesOnDisk, { timeout: 10_000 }).toBeGreaterThan(500_000)

  const refused = await post(long)
  expect(refused).toEqual({ status: 400, text: expect.stringContaining('upload_quota_reached') })
  expect((await post(uploadBody(song, mine))).status).toBe(201)
  going.destroy()
  await expect.poll(async () => (await post(long)).status, { timeout: 10_000 }).toBe(201)
})

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CutOff } from './caller.mjs'

const tone = readFileSync(new URL('../../test/fixtures/audio/tone.mp3', import.meta.url))
/** Enough that a kill hits uploads in the middle. */
const repeats = 150
const chunkBytes = 32_768
/** Imports that a kill interrupted go on when their lease is over. */
const importWithinMs = 120_000

/** What the pod took, and what was under way. */
export function newMusicLedger() {
  return { uploads: [], started: 0 }
}

/** Makes a library, and uploads to it and listens to what is there until nothing is answered any more. */
export async function openLibrary({ caller, cookies, ledger, round }) {
  const made = await caller.post('/api/v1/libraries/', { name: `Round ${round}`, privacy_level: 'everyone' }, cookies)
  if (made.status !== 201) throw new Error(`No library: ${JSON.stringify(made.json)}`)
  const inUse = { caller, cookies, ledger, library: made.json.uuid, round }
  return {
    uploadSome: () => uploadSome(inUse),
    uploadOne: () => uploadOne(inUse),
    listenOnce: () => listenOnce(inUse),
  }
}

/** So that there is something to import and to hear, also on a machine that has too much to do. */
async function uploadSome(inUse) {
  while (inUse.ledger.uploads.length < 3) {
    await uploadOne(inUse).catch((error) => {
      if (inUse.ledger.refusals.length > 0) throw error
      return setTimeout(500)
    })
  }
}

async function uploadOne({ caller, cookies, ledger, library, round }) {
  ledger.started += 1
  const title = `Song ${round}.${ledger.started}`
  const file = song({ TIT2: title, TPE1: `Artist ${ledger.started % 3}`, TALB: `Album ${round}` })
  const { status, json } = await sendSlowly(caller.url, multipart({ library }, file), cookies)
  if (status === 201) ledger.uploads.push({ uuid: json.uuid, title, checksum: sha256(file) })
  else refuse(ledger, status, json)
}

async function listenOnce({ caller, cookies, ledger }) {
  const upload = ledger.uploads[Math.floor(Math.random() * ledger.uploads.length)]
  const url = upload && (await listenUrlOf(caller, cookies, upload))
  if (url === undefined) return setTimeout(20)
  const to = Math.random() < 0.3 ? '&to=opus' : ''
  const heard = await caller.get(`${url}${to}`, cookies)
  if (heard.status === 200 && to === '' && sha256(heard.bytes) !== upload.checksum) {
    ledger.refusals.push('something else was heard than what was uploaded')
  }
}

async function listenUrlOf(caller, cookies, { uuid }) {
  const { bytes } = await caller.get(`/api/v1/uploads/${uuid}/`, cookies)
  const { track, import_status: status } = JSON.parse(bytes.toString())
  return status === 'finished' ? `${track.listen_url}?upload=${uuid}` : undefined
}

function refuse(ledger, status, json) {
  if (status !== 503) ledger.refusals.push(`an upload was refused with ${status}: ${JSON.stringify(json)}`)
  throw new CutOff('refused')
}

/** Every upload that was taken is imported and whole; there is no row without its file, and nothing lies around. */
export async function checkMusic({ caller, cookies, ledger, query, expect, folder }) {
  const isDone = async () => (await query(`SELECT 1 FROM uploads WHERE import_status = 'pending'`)).length === 0
  // A job that was killed between its work and its end is taken up again once its lease is over.
  const isIdle = async () => (await isDone()) && (await query('SELECT 1 FROM jobs')).length === 0
  for (const since = performance.now(); !(await isIdle()) && performance.now() - since < importWithinMs; ) {
    await setTimeout(500)
  }
  expect(await isDone(), 'an import was lost')
  expect((await query('SELECT 1 FROM jobs')).length === 0, 'a job is left over')
  await Promise.all(ledger.uploads.map((upload) => checkUpload({ caller, cookies, expect }, upload)))
  await checkFiles({ query, expect, folder })
}

async function checkUpload({ caller, cookies, expect }, upload) {
  const url = await listenUrlOf(caller, cookies, upload)
  expect(url !== undefined, `an upload that was taken is not there: ${upload.title}`)
  const heard = url && (await caller.get(url, cookies))
  expect(heard?.status === 200 && sha256(heard.bytes) === upload.checksum, 'an upload is not what was sent')
}

async function checkFiles({ query, expect, folder }) {
  const rows = await query(`SELECT file_key AS key, size, checksum FROM uploads
    UNION ALL SELECT file_key, size, NULL FROM transcoded_files`)
  for (const { key, size, checksum } of rows) {
    const path = join(folder, 'media', 'audio', key.slice(0, 2), key)
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    expect(bytes.length === Number(size), 'a row has no file, or half of one')
    expect(
      checksum === null || sha256(bytes) === Buffer.from(checksum).toString('hex'),
      'a file is not what its row says',
    )
  }
  const twice = await query('SELECT title FROM tracks GROUP BY title, album_id, artist_id HAVING count(*) > 1')
  expect(twice.length === 0, 'an import was done twice')
  const unfinished = readdirSync(join(folder, 'media', 'unfinished'), { recursive: true, withFileTypes: true })
  const left = unfinished.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'))
  expect(left.length === 0, 'what was being written when the pod was killed lies around')
}

/** A second of sound, some hundred times, under ID3 tags. */
function song(tags) {
  const frames = Object.entries(tags).map(([id, text]) => {
    const body = Buffer.from(`\x03${text}`)
    return Buffer.concat([Buffer.from(id), syncSafe(body.length), Buffer.alloc(2), body])
  })
  const body = Buffer.concat(frames)
  const header = Buffer.concat([Buffer.from('ID3\x04\x00\x00', 'latin1'), syncSafe(body.length)])
  return Buffer.concat([header, body, ...Array(repeats).fill(tone)])
}

function syncSafe(length) {
  return Buffer.from([21, 14, 7, 0].map((bits) => (length >> bits) & 0x7f))
}

function multipart(fields, file) {
  const texts = Object.entries(fields).map(
    ([name, value]) => `--between\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const start = `--between\r\ncontent-disposition: form-data; name="audio_file"; filename="song.mp3"\r\n\r\n`
  return Buffer.concat([Buffer.from(texts.join('') + start), file, Buffer.from('\r\n--between--\r\n')])
}

/** As over a slow line. */
async function sendSlowly(url, body, cookies) {
  const cookie = Object.entries(cookies)
    .map((pair) => pair.join('='))
    .join('; ')
  const headers = {
    cookie,
    'x-csrftoken': cookies.csrftoken,
    'content-type': 'multipart/form-data; boundary=between',
    'content-length': body.length,
  }
  const outgoing = request(`${url}/api/v1/uploads/`, { method: 'POST', headers })
  const answered = new Promise((resolve, reject) => {
    outgoing.once('response', (answer) => readAll(answer).then(resolve, reject))
    outgoing.once('error', reject)
  })
  answered.catch(() => {})
  for (let at = 0; at < body.length && !outgoing.destroyed; at += chunkBytes) {
    outgoing.write(body.subarray(at, at + chunkBytes))
    await setTimeout(10)
  }
  outgoing.end()
  return answered.catch((error) => {
    throw new CutOff(error.message, { cause: error })
  })
}

async function readAll(answer) {
  const chunks = []
  for await (const chunk of answer) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return { status: answer.statusCode, json: text.startsWith('{') ? JSON.parse(text) : text }
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

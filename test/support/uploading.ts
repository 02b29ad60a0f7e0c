import { expect } from 'vitest'
import type { Library, User } from '../../src/db/generated/client.ts'
import { jobHandlers } from '../../src/job-handlers.ts'
import { runDueJobs } from '../../src/jobs/job-queue.ts'
import type { TestApp } from './app.ts'
import { aUser } from './factories.ts'
import { aLibrary } from './music.ts'
import { type Body, send } from './requests.ts'
import { tokenOf } from './tokens.ts'

export interface Uploader {
  user: User
  library: Library
  headers: Record<string, string>
}

/** Somebody with a library and a client that may do everything with it. */
export async function anUploader(pod: TestApp, given: Partial<User> = {}): Promise<Uploader> {
  const user = await aUser(pod.db, given)
  const library = await aLibrary(pod.db, { owner: user })
  return { user, library, headers: await tokenOf(pod, user, 'read:libraries', 'write:libraries') }
}

interface Part {
  name: string
  value: string | Uint8Array
  fileName?: string
}

/** A multipart body whose parts keep their order. */
export function parts(...all: Part[]): Body {
  const pieces = all.flatMap(({ name, value, fileName }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"\r\ncontent-type: application/octet-stream`
    return [`--between\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`, value, '\r\n']
  })
  const payload = Buffer.concat([...pieces, '--between--\r\n'].map((piece) => Buffer.from(piece as string)))
  return { payload, headers: { 'content-type': 'multipart/form-data; boundary=between' } }
}

/** The file stands first, as some clients send it. */
export function uploadBody(
  file: Uint8Array | undefined,
  fields: Record<string, string> = {},
  fileName = 'song.mp3',
): Body {
  const given = Object.entries(fields).map(([name, value]) => ({ name, value }))
  return parts(...(file === undefined ? [] : [{ name: 'audio_file', value: file, fileName }]), ...given)
}

/** Sends a file to the uploader's library, which has to be taken. */
export async function upload(
  pod: TestApp,
  { library, headers }: Uploader,
  file: Uint8Array,
  fields: Record<string, string> = {},
  fileName = 'song.mp3',
) {
  const body = uploadBody(file, { library: library.uuid, ...fields }, fileName)
  const answer = await send(pod, 'POST', '/api/v1/uploads/', { body, headers })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}

/** Does what is due in the background, and tells whose turn came. */
export function runJobs(pod: TestApp): Promise<number> {
  const fail = (details: object) => expect.unreachable(JSON.stringify(details))
  const log = { info: () => {}, warn: fail, error: fail }
  return runDueJobs({ db: pod.db, handlers: jobHandlers(pod.services), log, signal: new AbortController().signal })
}

export async function readUpload(pod: TestApp, { headers }: Uploader, uuid: string) {
  const answer = await send(pod, 'GET', `/api/v1/uploads/${uuid}`, { headers })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

/** Uploads and imports. */
export async function imported(
  pod: TestApp,
  uploader: Uploader,
  file: Uint8Array,
  fields: Record<string, string> = {},
  fileName?: string,
) {
  const { uuid } = await upload(pod, uploader, file, fields, fileName)
  await runJobs(pod)
  return readUpload(pod, uploader, uuid)
}

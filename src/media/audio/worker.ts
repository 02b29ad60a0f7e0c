import { parentPort } from 'node:worker_threads'
import { parseFile } from 'music-metadata'
import { type AudioFile, describeAudio } from './audio-file.ts'

/** What the thread answers; the reason is for an admin. */
export type Reading = { file: AudioFile } | { reason: string }

parentPort?.on('message', async (path: string) => {
  parentPort?.postMessage(await read(path))
})

async function read(path: string): Promise<Reading> {
  try {
    const parsed = await parseFile(path, { duration: true })
    const file = describeAudio(parsed)
    return file === undefined ? { reason: `no format for this pod: ${parsed.format.container}` } : { file }
  } catch (error) {
    // The message may name the file's place.
    return { reason: error instanceof Error ? error.name : 'unknown' }
  }
}

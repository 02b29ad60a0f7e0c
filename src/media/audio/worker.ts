import { parentPort } from 'node:worker_threads'
import { CouldNotDetermineFileTypeError, type IAudioMetadata, parseFromTokenizer } from 'music-metadata'
import { fromFile } from 'strtok3'
import { type AudioFile, describeAudio } from './audio-file.ts'

/** What the thread answers; the reason is for an admin. */
export type Reading = { file: AudioFile } | { reason: string }

parentPort?.on('message', async (path: string) => {
  parentPort?.postMessage(await read(path))
})

async function read(path: string): Promise<Reading> {
  try {
    const parsed = await parse(path)
    const file = describeAudio(parsed)
    return file === undefined ? { reason: `no format for this pod: ${parsed.format.container}` } : { file }
  } catch (error) {
    // The message may name the file's place.
    return { reason: error instanceof Error ? error.name : 'unknown' }
  }
}

/** A tag is read as a whole, and may say that it is as long as the file. */
const limits = { maxBufferSize: 64 * 1024 * 1024 }

/** By content, and only where that does not tell by the name, which is the sender's. */
async function parse(path: string): Promise<IAudioMetadata> {
  try {
    return await parseAs(path, {})
  } catch (error) {
    if (!(error instanceof CouldNotDetermineFileTypeError)) throw error
    return await parseAs(path, { path })
  }
}

async function parseAs(path: string, named: { path?: string }): Promise<IAudioMetadata> {
  const file = await fromFile(path, limits)
  try {
    file.fileInfo = { size: file.fileInfo.size, ...named }
    return await parseFromTokenizer(file, { duration: true })
  } finally {
    await file.close()
  }
}

import { parentPort } from 'node:worker_threads'
import { CouldNotDetermineFileTypeError, type IAudioMetadata, parseFile, parseFromTokenizer } from 'music-metadata'
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

/** By content, and only where that does not tell by the name, which is the sender's. */
async function parse(path: string): Promise<IAudioMetadata> {
  const file = await fromFile(path)
  try {
    file.fileInfo = { size: file.fileInfo.size }
    return await parseFromTokenizer(file, { duration: true })
  } catch (error) {
    if (!(error instanceof CouldNotDetermineFileTypeError)) throw error
    return await parseFile(path, { duration: true })
  } finally {
    await file.close()
  }
}

import { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import type { AudioFile } from './audio-file.ts'
import type { Reading } from './worker.ts'

/** Reads what audio files say of themselves, in a thread: a file that is made to be hard to read harms nobody else. */
export interface AudioReader {
  /** @throws UnreadableAudio */
  read(path: string): Promise<AudioFile>
  close(): Promise<void>
}

/** This is not audio, or not in a format that the pod takes, or broken. The message is for an admin. */
export class UnreadableAudio extends Error {
  override readonly name = 'UnreadableAudio'
}

const readWithinMs = 60_000
/** After so long without work the thread ends; it starts again when there is some. */
const idleMs = 60_000
const memory = { maxOldGenerationSizeMb: 256 }

export function createAudioReader(): AudioReader {
  const oneAtATime = pLimit(1)
  let thread: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  const end = async () => {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    await ending?.terminate()
  }
  const read = async (path: string) => {
    clearTimeout(idle)
    thread ??= startThread()
    try {
      return await ask(thread, path)
    } catch (error) {
      await end()
      throw error
    } finally {
      idle = setTimeout(end, idleMs).unref()
    }
  }
  return {
    read: async (path) => {
      const reading = await oneAtATime(() => read(path))
      if ('file' in reading) return reading.file
      throw new UnreadableAudio(reading.reason)
    },
    close: end,
  }
}

function startThread(): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js'
  const thread = new Worker(new URL(file, import.meta.url), { resourceLimits: memory })
  thread.unref()
  return thread
}

/** @throws UnreadableAudio when the thread ends over it or takes too long */
function ask(thread: Worker, path: string): Promise<Reading> {
  const settled = new AbortController()
  return new Promise<Reading>((resolve, reject) => {
    const fail = (reason: string) => () => reject(new UnreadableAudio(reason))
    const overdue = setTimeout(fail('it took too long'), readWithinMs)
    const onExit = fail('the reader ended over it')
    thread.once('message', resolve).once('error', onExit).once('exit', onExit)
    settled.signal.addEventListener('abort', () => {
      clearTimeout(overdue)
      thread.off('message', resolve).off('error', onExit).off('exit', onExit)
    })
    thread.postMessage(path)
  }).finally(() => settled.abort())
}

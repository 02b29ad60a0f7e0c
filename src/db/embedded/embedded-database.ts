import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type EmbeddedConnection, makeSocketFolder, removeSocketFolder, socketPath } from './socket-folder.ts'
import type { WorkerInput, WorkerMessage } from './worker.ts'

export interface EmbeddedDatabase {
  connection: EmbeddedConnection
  /** Resolves with the reason if the database stops unasked. */
  failure: Promise<Error>
  /** Ends all connections, writes everything to its place and stops. */
  close(): Promise<void>
}

/** The message is for the admin. */
export class EmbeddedDatabaseError extends Error {
  override name = 'EmbeddedDatabaseError'
}

/** Made by the build; without it a first start takes some seconds longer. */
const builtTemplate = fileURLToPath(new URL('./template.tar.gz', import.meta.url))

const closeWithinMs = 20_000

/**
 * Starts PostgreSQL (PGlite) in a thread of this process, on the files in `dataDir`, which it makes if need be.
 * Only for the holder of the folder's lock (`lockDataDir`): two at once would lose data.
 * @throws EmbeddedDatabaseError
 */
export async function startEmbeddedDatabase(options: {
  dataDir: string
  template?: string
}): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const connection = await makeSocketFolder(dataDir)
  const worker = startWorker({
    dataFolder: join(dataDir, 'postgres'),
    template: options.template ?? builtTemplate,
    socketPath: socketPath(connection),
  })
  const exit = exitOf(worker).finally(() => removeSocketFolder(dataDir))
  await Promise.race([ready(worker), exit.then(throwIfFailed)])
  return {
    connection,
    failure: new Promise((fail) => exit.then((error) => error !== undefined && fail(error))),
    close: async () => {
      worker.postMessage('close')
      const overdue = setTimeout(() => worker.terminate(), closeWithinMs)
      await exit
      clearTimeout(overdue)
    },
  }
}

function startWorker(workerData: WorkerInput): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js'
  return new Worker(new URL(file, import.meta.url), { workerData })
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.on('message', (message: WorkerMessage) => message.kind === 'ready' && resolve())
  })
}

/** Resolves when the thread has ended, with an error unless it was asked to. */
function exitOf(worker: Worker): Promise<Error | undefined> {
  let reason: unknown = 'no reason given'
  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'failed') reason = message.reason
  })
  worker.on('error', (error) => {
    reason = error
  })
  return new Promise((resolve) => {
    worker.on('exit', (code) => resolve(code === 0 ? undefined : stopped(reason)))
  })
}

function stopped(reason: unknown): Error {
  const message = reason instanceof Error ? reason.message : `The embedded database stopped: ${reason}`
  return new EmbeddedDatabaseError(message, { cause: reason })
}

function throwIfFailed(error: Error | undefined): void {
  if (error !== undefined) throw error
}

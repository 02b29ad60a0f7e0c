import { parentPort, workerData } from 'node:worker_threads'
import { makeDataFolder } from './data-folder.ts'
import { openPostgres } from './durable-postgres.ts'
import { listen } from './postgres-socket.ts'
import { TurnQueue } from './turn-queue.ts'
import { startUpkeep } from './upkeep.ts'

export interface WorkerInput {
  dataFolder: string
  template: string
  socketPath: string
}

export type WorkerMessage = { kind: 'ready' } | { kind: 'failed'; reason: string }

/** PGlite runs in this thread of its own, which it keeps busy for as long as a query takes. */
async function main({ dataFolder, template, socketPath }: WorkerInput): Promise<void> {
  await makeDataFolder(dataFolder, template)
  const postgres = await openPostgres(dataFolder, stopAtOnce)
  const turns = new TurnQueue()
  const socket = await listen(postgres, turns, socketPath)
  const upkeep = startUpkeep(postgres, turns)
  parentPort?.once('message', async () => {
    upkeep.stop()
    socket.close()
    await postgres.close()
    process.exit(0)
  })
  tell({ kind: 'ready' })
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

/** After a PANIC nothing of PostgreSQL may run any more; what it had committed is replayed at the next start. */
function stopAtOnce(reason: string): never {
  tell({ kind: 'failed', reason })
  process.exit(1)
}

await main(workerData)

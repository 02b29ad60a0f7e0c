import type { PGlite } from '@electric-sql/pglite'
import type { TurnQueue } from './turn-queue.ts'

const everyMs = 30_000
const checkpointEveryMs = 5 * 60_000
const checkpointAfterBytes = 32 * 1024 * 1024
/** More than a checkpoint itself writes, so that an idle pod leaves its disk alone. */
const worthACheckpointBytes = 8 * 1024

/**
 * Does what a PostgreSQL server does in the background and PGlite, having one process, does not: checkpoints, without
 * which the write-ahead log grows for ever, and autovacuum.
 */
export function startUpkeep(postgres: PGlite, turns: TurnQueue): { stop(): void } {
  const upkeep = {}
  const takeTurn = (job: () => Promise<void>) =>
    turns.add(upkeep, async () => {
      await job().catch((error) => process.emitWarning(`Upkeep of the embedded database: ${error.message}`))
      return false
    })

  let checkpointAt = Date.now()
  const timer = setInterval(() => {
    takeTurn(async () => {
      if (await checkpointIfDue(postgres, Date.now() - checkpointAt)) checkpointAt = Date.now()
      for (const table of await tablesToVacuum(postgres)) takeTurn(() => vacuum(postgres, table))
    })
  }, everyMs)
  return { stop: () => clearInterval(timer) }
}

/** True if there was a checkpoint: after much was written, or some time after anything was. */
export async function checkpointIfDue(postgres: PGlite, sinceLastMs: number): Promise<boolean> {
  const { rows } = await postgres.query<{ bytes: number }>(
    'SELECT (pg_current_wal_insert_lsn() - redo_lsn)::float8 AS bytes FROM pg_control_checkpoint()',
  )
  const written = rows[0]?.bytes ?? 0
  const isDue = written >= (sinceLastMs >= checkpointEveryMs ? worthACheckpointBytes : checkpointAfterBytes)
  if (isDue) await postgres.exec('CHECKPOINT')
  return isDue
}

/** Autovacuum's own rule, with its default numbers. */
export async function tablesToVacuum(postgres: PGlite): Promise<string[]> {
  const { rows } = await postgres.query<{ name: string }>(`
    SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables
    WHERE n_dead_tup > 50 + 0.2 * n_live_tup
      OR n_mod_since_analyze > 50 + 0.1 * n_live_tup
      OR n_ins_since_vacuum > 1000 + 0.2 * n_live_tup`)
  return rows.map((row) => row.name)
}

async function vacuum(postgres: PGlite, table: string): Promise<void> {
  await postgres.exec(`VACUUM (ANALYZE) ${table}`)
}

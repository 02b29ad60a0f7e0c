import type { DatabaseClient } from '../../db/database.ts'
import { delayed } from '../../lib/delayed.ts'
import { deleteAll } from '../../maintenance/batches.ts'
import type { Round } from '../../maintenance/maintenance.ts'
import type { Rate, RequestLogs } from '../../throttling.ts'

/** Wrong passwords of the last hour are kept in the database, so that a restart gives nobody new tries. */
export interface LoginFailures {
  note(accountKey: string): void
  /** Writes what is not written yet. */
  flush(): Promise<void>
}

/** No limit looks further back. */
export const longestSeconds = 3600
const writeAfterMs = 2_000
/** What is beyond, while the database is away, is in memory only. */
const mostUnwritten = 10_000

/** Puts the failures of the last hour back into the logs. */
export async function loadLoginFailures(
  db: DatabaseClient,
  logs: RequestLogs,
  { keyOf, rate }: { keyOf: (accountKey: string) => string; rate: Rate },
): Promise<LoginFailures> {
  const now = Date.now()
  const rows = await db.loginFailure.findMany({
    where: { failedAt: { gt: new Date(now - rate.windowSeconds * 1000) } },
    orderBy: { failedAt: 'asc' },
  })
  for (const { accountKey, failedAt } of rows) {
    logs.consume(keyOf(Buffer.from(accountKey).toString('base64url')), rate, Math.max(0, now - failedAt.getTime()))
  }
  return writeFailures(db)
}

function writeFailures(db: DatabaseClient): LoginFailures {
  let unwritten: { accountKey: Uint8Array<ArrayBuffer>; failedAt: Date }[] = []
  const writing = delayed(async () => {
    const batch = unwritten
    unwritten = []
    if (batch.length === 0) return
    const old = { failedAt: { lt: new Date(Date.now() - longestSeconds * 1000) } }
    // Lost is at most what a restart gives back.
    await db
      .$transaction([db.loginFailure.createMany({ data: batch }), db.loginFailure.deleteMany({ where: old })])
      .catch(() => undefined)
  }, writeAfterMs)
  return {
    note(accountKey) {
      if (unwritten.length >= mostUnwritten) return
      unwritten.push({ accountKey: Uint8Array.from(Buffer.from(accountKey, 'base64url')), failedAt: new Date() })
      writing.schedule()
    },
    flush: writing.run,
  }
}

/** Forgets failures that no limit looks back to; while there are new ones, they take the old with them. */
export function pruneLoginFailures(db: DatabaseClient, round: Round): Promise<number> {
  const where = { failedAt: { lt: new Date(round.now.getTime() - longestSeconds * 1000) } }
  return deleteAll(round, (limit) => db.loginFailure.deleteMany({ where, limit }))
}

import type { Database } from '../db/database.ts'
import { delayed } from '../lib/delayed.ts'

/** When users were last seen, to the quarter of an hour and for counting them; never a write in a request's way. */
export interface UserActivity {
  note(userId: number): void
  /** Writes what is not written yet. */
  flush(): Promise<void>
}

const writeAfterMs = 60_000
/** Of one user, so often at most. */
const noteEveryMs = 15 * 60_000
/** When so many are remembered, all are forgotten, and noted again. */
const mostRemembered = 100_000

export function createUserActivity(db: Database): UserActivity {
  const notedAt = new Map<number, number>()
  let unwritten = new Map<number, Date>()
  const writing = delayed(async () => {
    const batch = unwritten
    unwritten = new Map()
    // What is lost here is only a date that is counted.
    if (batch.size > 0) await write(db, batch).catch(() => undefined)
  }, writeAfterMs)
  return {
    note(userId) {
      const now = Date.now()
      const before = notedAt.get(userId)
      if (before !== undefined && Math.abs(now - before) < noteEveryMs) return
      if (notedAt.size >= mostRemembered) notedAt.clear()
      notedAt.set(userId, now)
      unwritten.set(userId, new Date(now))
      writing.schedule()
    },
    flush: writing.run,
  }
}

async function write(db: Database, batch: Map<number, Date>): Promise<void> {
  await db.$executeRaw`
    UPDATE users u SET last_activity_at = seen.at
    FROM unnest(${[...batch.keys()]}::int[], ${[...batch.values()]}::timestamptz[]) AS seen(id, at)
    WHERE u.id = seen.id AND (u.last_activity_at IS NULL OR u.last_activity_at < seen.at)`
}

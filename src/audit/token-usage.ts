import type { Database } from '../db/database.ts'
import { delayed } from '../lib/delayed.ts'

/** When tokens were last used, for people to see; known within a minute and never a write in a request's way. */
export interface TokenUsage {
  note(familyId: bigint): void
  /** Writes what is not written yet. */
  flush(): Promise<void>
}

const writeAfterMs = 60_000
/** More than this many families at once are noted another time. */
const mostUnwritten = 50_000

export function createTokenUsage(db: Database): TokenUsage {
  let lastUse = new Map<bigint, Date>()
  const writing = delayed(async () => {
    const batch = lastUse
    lastUse = new Map()
    // What is lost here is only a date to look at.
    if (batch.size > 0) await write(db, batch).catch(() => undefined)
  }, writeAfterMs)
  return {
    note(familyId) {
      if (lastUse.size >= mostUnwritten) return
      lastUse.set(familyId, new Date())
      writing.schedule()
    },
    flush: writing.run,
  }
}

async function write(db: Database, batch: Map<bigint, Date>): Promise<void> {
  await db.$executeRaw`
    UPDATE token_families f SET last_used_at = used.at
    FROM unnest(${[...batch.keys()]}::bigint[], ${[...batch.values()]}::timestamptz[]) AS used(id, at)
    WHERE f.id = used.id AND (f.last_used_at IS NULL OR f.last_used_at < used.at)`
}

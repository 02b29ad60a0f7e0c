import type { Database } from '../db/database.ts'

const day = 24 * 60 * 60 * 1000
/** For so long a count is good enough. */
const keptMs = 10 * 60 * 1000

export interface Usage {
  users: number
  /** Seen within 180 days, and within 30. */
  activeHalfyear: number
  activeMonth: number
}

export const noUsage: Usage = { users: 0, activeHalfyear: 0, activeMonth: 0 }

async function countUsage(db: Database, now: Date): Promise<Usage> {
  const before = (days: number) => new Date(now.getTime() - days * day)
  const [row = noUsage] = await db.$queryRaw<Usage[]>`
    SELECT count(*)::int AS users,
      count(*) FILTER (WHERE last_activity_at >= ${before(180)})::int AS "activeHalfyear",
      count(*) FILTER (WHERE last_activity_at >= ${before(30)})::int AS "activeMonth"
    FROM users WHERE is_active`
  return row
}

/** Counts at most every ten minutes, and once for all who ask at the same time. */
export function usageCounter(db: Database): () => Promise<Usage> {
  let counted: { at: number; usage: Promise<Usage> } | undefined
  return async () => {
    const now = new Date()
    if (counted !== undefined && Math.abs(now.getTime() - counted.at) < keptMs) return counted.usage
    const mine = { at: now.getTime(), usage: countUsage(db, now) }
    counted = mine
    mine.usage.catch(() => {
      if (counted === mine) counted = undefined
    })
    return mine.usage
  }
}

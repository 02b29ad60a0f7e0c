import { LRUCache } from 'lru-cache'
import { type Database, plannedAnew } from './database.ts'
import { Prisma } from './generated/client.ts'
import { select } from './statements.ts'

/** How many lists' lengths are remembered. */
const mostCounts = 1_000

/** How long lists are: exact, and counted anew only when something in the database has been written since. */
export interface ListCounts {
  /**
   * @param selection `FROM … WHERE …`
   * @param snapshot what the caller's own statement saw, by `pg_current_snapshot()`
   */
  count(db: Database, selection: Prisma.Sql, snapshot: string): Promise<number>
}

interface Counted {
  count: number
  snapshot: string
}

/** Of as many lists as were asked for last. Two transactions with the same snapshot see the same rows. */
export function createListCounts(): ListCounts {
  const known = new LRUCache<string, { snapshot: string; count: Promise<number> }>({ max: mostCounts })
  return {
    count(db, selection, snapshot) {
      const key = JSON.stringify([selection.sql, selection.values])
      const remembered = known.get(key)
      if (remembered?.snapshot === snapshot) return remembered.count
      const counting = countRows(db, selection)
      const entry = { snapshot, count: counting.then(({ count }) => count) }
      known.set(key, entry)
      counting.then(
        (counted) => {
          entry.snapshot = counted.snapshot
        },
        () => known.delete(key),
      )
      return entry.count
    },
  }
}

async function countRows(db: Database, selection: Prisma.Sql): Promise<Counted> {
  const [row] = await select<Counted>(
    db,
    Prisma.sql`${plannedAnew}
    SELECT count(*)::int AS count, pg_current_snapshot()::text AS snapshot ${selection}`,
  )
  if (row === undefined) throw new Error('A count has no row')
  return row
}

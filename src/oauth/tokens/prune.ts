import type { Database } from '../../db/database.ts'
import { inSlices, type Slice } from '../../maintenance/batches.ts'
import { longExpired, type Round } from '../../maintenance/maintenance.ts'

/** A family has all the tokens it ever had. */
const familiesAtOnce = 100

/**
 * Forgets families none of whose tokens can be used or refreshed any more. The others keep every token they ever had, so
 * that one that comes a second time is known.
 */
export function pruneTokens(db: Database, round: Round): Promise<number> {
  const cutoff = longExpired(round)
  return inSlices(round, async (after) => {
    const [slice] = await db.$queryRaw<Slice[]>`
      WITH slice AS (
        SELECT id FROM token_families WHERE id > ${after} ORDER BY id LIMIT ${familiesAtOnce}
      ), gone AS (
        DELETE FROM token_families f USING slice
        WHERE f.id = slice.id AND f.created_at < ${cutoff} AND NOT EXISTS (
          SELECT FROM tokens t WHERE t.family_id = f.id AND (
            t.access_hash IS NOT NULL AND (t.access_expires_at IS NULL OR t.access_expires_at >= ${cutoff})
            OR t.refresh_hash IS NOT NULL AND t.rotated_at IS NULL
              AND coalesce(LEAST(t.refresh_expires_at, f.expires_at) >= ${cutoff}, true)
          )
        )
        RETURNING f.id
      )
      SELECT max(id) AS last, (SELECT count(*)::int FROM gone) AS done FROM slice`
    return slice
  })
}

import type { Database } from '../../db/database.ts'
import type { Listening } from '../../db/generated/client.ts'
import { noSuchRow } from '../../http/row-ids.ts'
import { invalidField } from '../../lib/problem.ts'

/**
 * Notes that somebody listened to a track, as often as it is told.
 * @param given.at when it was, if not just now
 * @throws Problem `invalid` naming `track`
 */
export async function addListening(
  db: Database,
  given: { userId: number; trackId: number; at: Date | undefined },
): Promise<Listening> {
  const { userId, trackId, at = new Date() } = given
  const [row] = await db.$queryRaw<Listening[]>`
    INSERT INTO listenings (user_id, track_id, created_at)
    SELECT ${userId}, t.id, ${at} FROM tracks t WHERE t.id = ${trackId}
    RETURNING id, user_id AS "userId", track_id AS "trackId", created_at AS "createdAt"`
  if (row === undefined) throw invalidField('track', noSuchRow(trackId))
  return row
}

import type { Database } from '../../db/database.ts'
import type { Favorite } from '../../db/generated/client.ts'
import { noSuchRow } from '../../http/row-ids.ts'
import { invalidField, notFound, Problem } from '../../lib/problem.ts'

interface Choice {
  userId: number
  trackId: number
}

export type FavoriteRow = Pick<Favorite, 'id' | 'trackId' | 'createdAt'>

/**
 * A favorite that is there already stays as it is, whoever else adds it at the same moment.
 * @throws Problem `invalid` naming `track`
 */
export async function addFavorite(db: Database, { userId, trackId }: Choice): Promise<FavoriteRow> {
  // DO UPDATE, which changes nothing, because DO NOTHING returns no row.
  const [row] = await db.$queryRaw<FavoriteRow[]>`
    INSERT INTO favorites (user_id, track_id, created_at)
    SELECT ${userId}, t.id, ${new Date()} FROM tracks t WHERE t.id = ${trackId}
    ON CONFLICT (user_id, track_id) DO UPDATE SET track_id = excluded.track_id
    RETURNING id, track_id AS "trackId", created_at AS "createdAt"`
  if (row === undefined) throw invalidField('track', noSuchRow(trackId))
  return row
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function deleteFavorite(db: Database, { id, userId }: { id: number; userId: number }): Promise<void> {
  const { count } = await db.favorite.deleteMany({ where: { id, userId } })
  if (count === 0) throw notFound('favorite')
}

/** @throws Problem `invalid` without a word when there is no such favorite */
export async function removeFavorite(
  db: Database,
  { userId, trackId }: { userId: number; trackId: number | undefined },
): Promise<void> {
  const { count } = trackId === undefined ? { count: 0 } : await db.favorite.deleteMany({ where: { userId, trackId } })
  if (count === 0) throw new Problem('invalid', 'This track is not among your favorites.', { fields: {} })
}

/** All of one user's, by id. */
export async function listOwnFavorites(db: Database, userId: number): Promise<Pick<Favorite, 'id' | 'trackId'>[]> {
  return db.favorite.findMany({ where: { userId }, select: { id: true, trackId: true }, orderBy: { id: 'asc' } })
}

import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { type Favorite, Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { noSuchRow } from '../../http/row-ids.ts'
import { invalidField, notFound, Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { type Looking, listEvents, orderOfEvents, wantedEvents } from '../listeners/track-events.ts'
import { patternOf, searchTerms } from '../listing/terms.ts'
import type { favoriteQuery } from './schemas.ts'

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

const table = Prisma.sql`favorites`

/** Those of all users that the viewer may see. */
export async function listFavorites(
  { db, counts }: Pick<Services, 'db' | 'counts'>,
  looking: Looking,
  { query, page }: { query: z.output<typeof favoriteQuery>; page: Page },
) {
  const where = [...wantedEvents(looking, query), ...searchTerms(query.q).map(namesItsTrack)]
  return listEvents({ db, counts }, looking, { table, where, orderBy: orderOfEvents(query.ordering), page })
}

/** The word is in the title of the track or its album, or in the name of the artist. */
function namesItsTrack(word: string): Prisma.Sql {
  const pattern = patternOf(word.toLowerCase())
  return Prisma.sql`EXISTS (SELECT FROM tracks t JOIN artists a ON a.id = t.artist_id LEFT JOIN albums b ON b.id = t.album_id
    WHERE t.id = e.track_id AND (t.title_key LIKE ${pattern} OR a.name_key LIKE ${pattern} OR b.title_key LIKE ${pattern}))`
}

import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { type Listening, Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { noSuchRow } from '../../http/row-ids.ts'
import { invalidField, notFound } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { domainOf } from '../addresses.ts'
import { type Looking, listEvents, orderOfEvents, showEvents, wantedEvents } from '../listeners/track-events.ts'
import { isVisibleListener } from '../privacy.ts'
import type { listeningQuery } from './schemas.ts'

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

const table = Prisma.sql`listenings`

/** Those of all users that the viewer may see. */
export async function listListenings(
  { db, counts }: Pick<Services, 'db' | 'counts'>,
  looking: Looking,
  { query, page }: { query: z.output<typeof listeningQuery>; page: Page },
) {
  const where = [...wantedEvents(looking, query), ...bySomebody(query, looking.publicUrl)]
  return listEvents({ db, counts }, looking, { table, where, orderBy: orderOfEvents(query.ordering), page })
}

function bySomebody({ username, domain }: z.output<typeof listeningQuery>, publicUrl: string): Prisma.Sql[] {
  const named = Prisma.sql`e.user_id = (SELECT id FROM users
    WHERE username_key = ${username?.toLowerCase()} AND username = ${username})`
  // Everybody is of this pod.
  const isElsewhere = domain !== undefined && domain !== domainOf(publicUrl)
  return [...(username === undefined ? [] : [named]), ...(isElsewhere ? [Prisma.sql`false`] : [])]
}

/** @throws Problem `not_found`, also when the viewer may not see it */
export async function showListening(db: Database, looking: Looking, id: number) {
  const [visible] = await db.$queryRaw<{ id: number }[]>`
    SELECT e.id FROM listenings e JOIN users u ON u.id = e.user_id
    WHERE e.id = ${id} AND ${isVisibleListener(looking.viewer)}`
  if (visible === undefined) throw notFound('listening')
  const [shown] = await showEvents(db, looking, { table, ids: [id] })
  if (shown === undefined) throw notFound('listening')
  return shown
}

import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { representActor, representUserBasic } from '../actors/representation.ts'
import type { SortTerm } from '../listing/list-ids.ts'
import { readOrdering } from '../listing/ordering.ts'
import { isInScope, readScope } from '../listing/scope.ts'
import { isVisibleListener } from '../privacy.ts'
import { loadTracks } from '../tracks/load.ts'
import type { Viewer } from '../viewer.ts'
import type { trackEvent, trackEventQuery } from './schemas.ts'

// Conditions and orders are on favorites or listenings AS e.

/** Who looks, and from where. */
export interface Looking {
  publicUrl: string
  viewer: Viewer
}

interface TrackEventRow {
  id: number
  trackId: number
  createdAt: Date
  userId: number
  username: string
  name: string
  summaryText: string | null
  joinedAt: Date
  avatar: { uuid: string; mimetype: string; size: number; createdAt: string } | null
}

/** What of all users a viewer may see, as far as the query wants it. */
export function wantedEvents(
  { viewer, publicUrl }: Looking,
  { scope: text, hidden }: Pick<z.output<typeof trackEventQuery>, 'scope' | 'hidden'>,
): Prisma.Sql[] {
  const scope = readScope(text, viewer, publicUrl)
  const ofSome = scope === undefined || typeof scope === 'string' ? [] : [isInScope(scope, Prisma.sql`e.user_id`)]
  // Nobody has hidden anything, so there is nothing in what they have hidden.
  const isNothing = hidden === true && viewer.userId !== undefined
  return [eventsOfVisible(viewer), ...ofSome, ...(isNothing ? [Prisma.sql`false`] : [])]
}

/** `IS TRUE` keeps the planner from starting with everybody who listens: the newest are found by their time. */
export function eventsOfVisible(viewer: Viewer): Prisma.Sql {
  return Prisma.sql`(e.user_id IN (SELECT u.id FROM users u WHERE ${isVisibleListener(viewer)})) IS TRUE`
}

const columns = {
  id: Prisma.sql`e.id`,
  creation_date: Prisma.sql`e.created_at`,
  track: Prisma.sql`e.track_id`,
  user: Prisma.sql`e.user_id`,
}

/** Newest first, unless the query says otherwise in words that mean something. */
export function orderOfEvents(ordering: string | undefined): SortTerm[] {
  const asked = readOrdering(ordering, ['id', 'creation_date', 'track', 'user'])
  const orders = asked.map(({ field, isDescending }) => ({ by: columns[field], isDescending }))
  const newestFirst = { by: columns.creation_date, isDescending: true }
  return [...(orders.length > 0 ? orders : [newestFirst]), { by: columns.id, isDescending: true }]
}

/**
 * As the viewer is shown them, in the order of their ids, in two statements.
 * @param table favorites or listenings
 */
export async function showEvents(
  db: Database,
  { publicUrl, viewer }: Looking,
  { table, ids }: { table: Prisma.Sql; ids: number[] },
): Promise<z.output<typeof trackEvent>[]> {
  const rows = await select<TrackEventRow>(
    db,
    Prisma.sql`
    SELECT e.id, e.track_id AS "trackId", e.created_at AS "createdAt", u.id AS "userId", u.username, u.name,
      u.summary_text AS "summaryText", u.created_at AS "joinedAt",
      CASE WHEN f.id IS NOT NULL THEN json_build_object('uuid', f.uuid, 'mimetype', f.mimetype, 'size', f.size,
        'createdAt', f.created_at) END AS avatar
    FROM unnest(${ids}::int[]) WITH ORDINALITY AS listed(id, place) JOIN ${table} e ON e.id = listed.id
      JOIN users u ON u.id = e.user_id LEFT JOIN attachments f ON f.id = u.avatar_id
    ORDER BY listed.place`,
  )
  const tracks = await loadTracks(db, publicUrl, viewer, [...new Set(rows.map(({ trackId }) => trackId))])
  return rows.flatMap(({ id, trackId, createdAt, ...listener }) => {
    const track = tracks.get(trackId)
    return track === undefined
      ? []
      : [{ id, track, creation_date: createdAt, ...representListener(listener, publicUrl) }]
  })
}

type ListenerRow = Omit<TrackEventRow, 'id' | 'trackId' | 'createdAt'>

function representListener({ userId, avatar, joinedAt, ...row }: ListenerRow, publicUrl: string) {
  const picture = avatar === null ? null : { ...avatar, createdAt: new Date(avatar.createdAt) }
  const user = { ...row, id: userId, createdAt: joinedAt, avatar: picture }
  return { user: representUserBasic(user, publicUrl), actor: representActor(user, publicUrl) }
}

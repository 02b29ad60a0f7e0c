import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
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

export const withListener = { user: { include: { avatar: true } } } as const

interface TrackEventRow {
  id: number
  trackId: number
  createdAt: Date
  user: Prisma.UserGetPayload<{ include: { avatar: true } }>
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

/** An array, so that the newest are found by their time and not by way of everybody who listens. */
export function eventsOfVisible(viewer: Viewer): Prisma.Sql {
  return Prisma.sql`e.user_id = ANY(ARRAY(SELECT u.id FROM users u WHERE ${isVisibleListener(viewer)}))`
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
 * As the viewer is shown them, with as many queries for many as for one.
 * @param ids in the order in which they are wanted
 */
export async function showEvents(
  db: Database,
  { publicUrl, viewer }: Looking,
  { ids, rows }: { ids: number[]; rows: TrackEventRow[] },
): Promise<z.output<typeof trackEvent>[]> {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const tracks = await loadTracks(db, publicUrl, viewer, [...new Set(rows.map(({ trackId }) => trackId))])
  return ids.flatMap((id) => {
    const row = byId.get(id)
    const track = tracks.get(row?.trackId ?? 0)
    if (row === undefined || track === undefined) return []
    const [user, actor] = [representUserBasic(row.user, publicUrl), representActor(row.user, publicUrl)]
    return [{ id, user, track, creation_date: row.createdAt, actor }]
  })
}

import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import type { Page } from '../../http/pagination.ts'
import { writeMoment } from '../../http/wire.ts'
import type { Services } from '../../services.ts'
import { representActor, representUserBasic } from '../actors/representation.ts'
import { type ListedRow, listedIn, type RowFormat, rowFormat } from '../catalogue/row-format.ts'
import { type CoverColumns, coverColumns, type UserRow, userColumns } from '../catalogue/rows.ts'
import { representCover } from '../catalogue/shelf.ts'
import { inOrder, listIds, type SortTerm } from '../listing/list-ids.ts'
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

interface EventRow {
  id: number
  trackId: number
  userId: number
  createdAt: string
}

interface ListenerRow extends UserRow, CoverColumns {}

type Lists = Record<'events' | 'listeners', ListedRow[]>

const eventRows: RowFormat<EventRow> = rowFormat<EventRow>({
  id: Prisma.sql`e.id`,
  trackId: Prisma.sql`e.track_id`,
  userId: Prisma.sql`e.user_id`,
  createdAt: Prisma.sql`e.created_at`,
})

const listenerRows: RowFormat<ListenerRow> = rowFormat<ListenerRow>({ ...userColumns, ...coverColumns })

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

/**
 * Looks up once who is few: accounts that hide from others what they hear, or accounts that show it to everyone. The newest
 * events are found by their time, for which `IS TRUE` keeps the planner from starting with the listeners.
 */
export function eventsOfVisible(viewer: Viewer): Prisma.Sql {
  const visible = isVisibleListener(viewer)
  if (viewer.userId === undefined) return Prisma.sql`(e.user_id IN (SELECT u.id FROM users u WHERE ${visible})) IS TRUE`
  return Prisma.sql`e.user_id NOT IN (SELECT u.id FROM users u WHERE NOT ${visible})`
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

/** A page of them, and how many there are. @param table favorites or listenings */
export async function listEvents(
  { db, counts }: Pick<Services, 'db' | 'counts'>,
  looking: Looking,
  { table, where, orderBy, page }: { table: Prisma.Sql; where: Prisma.Sql[]; orderBy: SortTerm[]; page: Page },
) {
  const { count, ids } = await listIds({ db, counts }, { from: Prisma.sql`${table} e`, where, orderBy }, page)
  return { count, results: await showEvents(db, looking, { table, ids }) }
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
  if (ids.length === 0) return []
  const [lists] = await select<Lists>(db, eventStatement(table, ids))
  if (lists === undefined) return []
  const events = eventRows.read(lists.events)
  const listeners = new Map(
    listenerRows.read(lists.listeners).map((row) => [row.id, representListener(row, publicUrl)]),
  )
  const tracks = await loadTracks(db, publicUrl, viewer, [...new Set(events.map(({ trackId }) => trackId))])
  const shown = events.flatMap(({ id, trackId, userId, createdAt }) => {
    const [track, listener] = [tracks.get(trackId), listeners.get(userId)]
    if (track === undefined || listener === undefined) return []
    return [{ id, track, creation_date: writeMoment(createdAt), ...listener }]
  })
  return inOrder(ids, new Map(shown.map((event) => [event.id, event])))
}

function eventStatement(table: Prisma.Sql, ids: number[]): Prisma.Sql {
  const listeners = Prisma.sql`users s LEFT JOIN attachments c ON c.id = s.avatar_id
    WHERE s.id = ANY(ARRAY(SELECT DISTINCT user_id FROM the_events))`
  return Prisma.sql`
    WITH the_events AS MATERIALIZED (
      SELECT e.user_id, ${eventRows.sql} AS listed FROM ${table} e WHERE e.id = ANY(${ids}::int[])
    )
    SELECT ${listedIn('the_events')} AS events, ${listenerRows.listOf(listeners)} AS listeners`
}

function representListener(row: ListenerRow, publicUrl: string) {
  const avatar = representCover(row, publicUrl)
  return { user: representUserBasic(row, avatar), actor: representActor(row, publicUrl) }
}

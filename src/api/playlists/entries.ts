import type { Database, DatabaseClient } from '../../db/database.ts'
import type { PlaylistTrack } from '../../db/generated/client.ts'
import { noSuchRow } from '../../http/row-ids.ts'
import { invalidField, notFound, Problem } from '../../lib/problem.ts'

/** A playlist that only its owner may change. */
export interface Own {
  id: number
  userId: number
}

export type EntryRow = Pick<PlaylistTrack, 'trackId' | 'index' | 'createdAt'>

interface NewEntries {
  /** In the order in which they are to stand. */
  trackIds: number[]
  allowDuplicates: boolean
  /** Tracks that a playlist may have. */
  mostTracks: number
}

/**
 * Puts tracks at the end, all or none.
 * @returns the entries that were made
 * @throws Problem `not_found`; `invalid` naming `tracks` or `playlist`
 */
export function addTracks(db: DatabaseClient, own: Own, entries: NewEntries): Promise<EntryRow[]> {
  const { trackIds, allowDuplicates, mostTracks } = entries
  return changing(db, own, async (transaction, { name }) => {
    const titles = await titlesOf(transaction, trackIds)
    const present = await entriesOf(transaction, own.id)
    if (present.length + trackIds.length > mostTracks) throw tooMany(mostTracks)
    if (!allowDuplicates) refuseDuplicates(name, present, titles)
    await reorder(
      transaction,
      own.id,
      present.map(({ id }) => id),
    )
    const createdAt = new Date()
    const rows = trackIds.map((trackId, offset) => ({ trackId, index: present.length + offset, createdAt }))
    await transaction.playlistTrack.createMany({ data: rows.map((row) => ({ ...row, playlistId: own.id })) })
    return rows
  })
}

/**
 * Takes the entry at a position out; those behind it move up.
 * @throws Problem `not_found`, also for a position past the end
 */
export function removeEntry(db: DatabaseClient, own: Own, position: number): Promise<void> {
  return changing(db, own, async (transaction) => {
    const order = (await entriesOf(transaction, own.id)).map(({ id }) => id)
    const [gone] = order.splice(position, 1)
    if (gone === undefined) throw notFound('entry at this position')
    await transaction.playlistTrack.delete({ where: { id: gone } })
    await reorder(transaction, own.id, order)
  })
}

/**
 * Moves an entry to another position; those between move by one.
 * @throws Problem `not_found`, also for a `from` past the end; `invalid` for such a `to`
 */
export function moveEntry(db: DatabaseClient, own: Own, { from, to }: { from: number; to: number }): Promise<void> {
  return changing(db, own, async (transaction) => {
    const order = (await entriesOf(transaction, own.id)).map(({ id }) => id)
    const [moved] = order.splice(from, 1)
    if (moved === undefined) throw notFound('entry at this position')
    if (to > order.length) throw pastTheEnd()
    order.splice(to, 0, moved)
    await reorder(transaction, own.id, order)
  })
}

/** @throws Problem `not_found` */
export function clearEntries(db: DatabaseClient, own: Own): Promise<void> {
  return changing(db, own, async (transaction) => {
    await transaction.playlistTrack.deleteMany({ where: { playlistId: own.id } })
  })
}

/**
 * Changes to one playlist happen one after the other, as they would otherwise count positions that others are moving.
 * @throws Problem `not_found`, also when it is somebody else's
 */
function changing<Result>(
  db: DatabaseClient,
  { id, userId }: Own,
  change: (transaction: Database, playlist: { name: string }) => Promise<Result>,
): Promise<Result> {
  return db.$transaction(async (transaction) => {
    const [playlist] = await transaction.$queryRaw<{ name: string }[]>`
      UPDATE playlists SET modified_at = ${new Date()} WHERE id = ${id} AND user_id = ${userId} RETURNING name`
    if (playlist === undefined) throw notFound('playlist')
    return change(transaction, playlist)
  })
}

/** As they stand; the deletion of a track may have left a gap between their numbers. */
function entriesOf(db: Database, playlistId: number): Promise<{ id: number; trackId: number }[]> {
  return db.playlistTrack.findMany({
    where: { playlistId },
    select: { id: true, trackId: true },
    orderBy: [{ index: 'asc' }, { id: 'asc' }],
  })
}

async function reorder(db: Database, playlistId: number, order: number[]): Promise<void> {
  await db.$executeRaw`
    UPDATE playlist_tracks p SET index = wanted.position - 1
    FROM unnest(${order}::int[]) WITH ORDINALITY AS wanted(id, position)
    WHERE p.playlist_id = ${playlistId} AND p.id = wanted.id AND p.index <> wanted.position - 1`
}

/**
 * By id, in the order of the ids.
 * @throws Problem `invalid` naming `tracks` that are none
 */
async function titlesOf(db: Database, trackIds: number[]): Promise<Map<number, string>> {
  const rows = await db.track.findMany({ where: { id: { in: trackIds } }, select: { id: true, title: true } })
  const byId = new Map(rows.map(({ id, title }) => [id, title]))
  const unknown = trackIds.find((id) => !byId.has(id))
  if (unknown !== undefined) throw invalidField('tracks', noSuchRow(unknown))
  return new Map(trackIds.map((id) => [id, byId.get(id) ?? '']))
}

function tooMany(most: number): Problem {
  return invalidField('playlist', `Playlist would reach the maximum of ${most} tracks`)
}

/** @throws Problem `invalid` in the shape by which clients know it, to ask whether the track is really wanted twice */
function refuseDuplicates(name: string, present: { trackId: number }[], titles: Map<number, string>): void {
  const here = new Set(present.map(({ trackId }) => trackId))
  const again = [...titles].filter(([id]) => here.has(id)).map(([, title]) => title)
  if (again.length === 0) return
  const error = { tracks: again, playlist_name: name, code: 'tracks_already_exist_in_playlist' }
  throw new Problem('invalid', 'Some of these tracks are in the playlist already.', {
    body: { playlist: { non_field_errors: [error] } },
  })
}

function pastTheEnd(): Problem {
  const message = 'The position is past the end of the playlist.'
  return new Problem('invalid', message, { body: [message] })
}

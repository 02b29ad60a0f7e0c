import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { type FieldMessages, Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import type { Looking } from '../listeners/track-events.ts'
import { listIds, type SortTerm } from '../listing/list-ids.ts'
import { readOrdering } from '../listing/ordering.ts'
import { noSuchChoice } from '../listing/parameters.ts'
import { isInScope, readScope } from '../listing/scope.ts'
import { patternOf, searchTerms } from '../listing/terms.ts'
import { isVisiblePlaylist } from '../privacy.ts'
import { loadPlaylists } from './load.ts'
import type { PlaylistOnWire, playlistQuery } from './schemas.ts'

// Conditions and orders are on playlists AS e.

type Query = z.output<typeof playlistQuery>

/**
 * Those of all users that the viewer may see.
 * @throws Problem `invalid` naming `track`, `album` or `artist` that are none
 */
export async function listPlaylists(
  { db, counts }: Pick<Services, 'db' | 'counts'>,
  looking: Looking,
  { query, page }: { query: Query; page: Page },
): Promise<{ count: number; results: PlaylistOnWire[] }> {
  await checkChoices(db, query)
  const where = [isVisiblePlaylist(looking.viewer), ...ofOwners(query, looking), ...named(query), ...withContent(query)]
  const selection = { from: Prisma.sql`playlists e`, where, orderBy: orderOf(query.ordering) }
  const { count, ids } = await listIds({ db, counts }, selection, page)
  const loaded = await loadPlaylists(db, looking, { id: { in: ids } })
  const byId = new Map(loaded.map((one) => [one.id, one]))
  return { count, results: ids.flatMap((id) => byId.get(id) ?? []) }
}

const columns = {
  id: Prisma.sql`e.id`,
  name: Prisma.sql`e.name`,
  creation_date: Prisma.sql`e.created_at`,
  modification_date: Prisma.sql`e.modified_at`,
}

function orderOf(ordering: string | undefined): SortTerm[] {
  const asked = readOrdering(ordering, ['id', 'name', 'creation_date', 'modification_date'])
  const orders = asked.map(({ field, isDescending }) => ({ by: columns[field], isDescending }))
  return [...orders, { by: columns.id, isDescending: false }]
}

function ofOwners({ scope: text }: Query, { viewer, publicUrl }: Looking): Prisma.Sql[] {
  const scope = readScope(text, viewer, publicUrl)
  return scope === undefined || typeof scope === 'string' ? [] : [isInScope(scope, Prisma.sql`e.user_id`)]
}

function named({ q, name, name__icontains: part }: Query): Prisma.Sql[] {
  return [
    ...searchTerms(q).map((word) => {
      const pattern = patternOf(word)
      return Prisma.sql`(e.name ILIKE ${pattern}
        OR EXISTS (SELECT FROM users u WHERE u.id = e.user_id AND u.username ILIKE ${pattern}))`
    }),
    ...(name === undefined ? [] : [Prisma.sql`e.name = ${name}`]),
    ...(part === undefined ? [] : [Prisma.sql`e.name ILIKE ${patternOf(part)}`]),
  ]
}

function withContent({ playable, track, album, artist }: Query): Prisma.Sql[] {
  const hasEntry = (condition: Prisma.Sql) => Prisma.sql`EXISTS (SELECT FROM playlist_tracks n
    JOIN tracks t ON t.id = n.track_id WHERE n.playlist_id = e.id AND ${condition})`
  return [
    // Whether they can be played is not asked.
    ...(playable === true ? [hasEntry(Prisma.sql`true`)] : []),
    ...(playable === false ? [Prisma.sql`NOT ${hasEntry(Prisma.sql`true`)}`] : []),
    ...(track === undefined ? [] : [hasEntry(Prisma.sql`t.id = ${track}`)]),
    ...(album === undefined ? [] : [hasEntry(Prisma.sql`t.album_id = ${album}`)]),
    ...(artist === undefined ? [] : [hasEntry(Prisma.sql`t.artist_id = ${artist}`)]),
  ]
}

/** @throws Problem `invalid` naming what there is not */
async function checkChoices(db: Database, { track, album, artist }: Query): Promise<void> {
  const asked = { track, album, artist }
  if (Object.values(asked).every((id) => id === undefined)) return
  const [found] = await db.$queryRaw<Record<keyof typeof asked, boolean>[]>`
    SELECT EXISTS (SELECT FROM tracks WHERE id = ${track}) AS track,
      EXISTS (SELECT FROM albums WHERE id = ${album}) AS album,
      EXISTS (SELECT FROM artists WHERE id = ${artist}) AS artist`
  const fields: FieldMessages = {}
  for (const name of ['track', 'album', 'artist'] as const) {
    if (asked[name] !== undefined && found?.[name] !== true) fields[name] = [noSuchChoice]
  }
  if (Object.keys(fields).length > 0) throw new Problem('invalid', noSuchChoice, { fields })
}

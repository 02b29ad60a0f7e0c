import { Prisma } from '../../db/generated/client.ts'
import { isFound, readFullText } from '../listing/full-text.ts'
import type { Viewer } from '../viewer.ts'

// Conditions on a list of artists, albums or tracks; the row in question is `e` in all of them. Rows that a query names are
// given by id, so that PostgreSQL's statistics can say how many rows they will find.

export type Kind = 'artists' | 'albums' | 'tracks'

/** In tables of tags and of tracks, the column that names one. */
const columns = {
  artists: { tags: 'artist_tags', column: 'artist_id' },
  albums: { tags: 'album_tags', column: 'album_id' },
  tracks: { tags: 'track_tags', column: 'track_id' },
} as const satisfies Record<Kind, object>

export function tableOf(kind: Kind): Prisma.Sql {
  return Prisma.raw(`${kind} e`)
}

export const never = Prisma.sql`FALSE`

// `(SELECT TRUE … LIMIT 1) IS TRUE` is EXISTS that PostgreSQL does not turn into a hash of the whole table first.

/** The viewer may play it, or one of its tracks. */
export function isPlayable(kind: Kind, viewer: Viewer): Prisma.Sql {
  return kind === 'tracks' ? isPlayableTrack(viewer) : hasPlayableTrack(columns[kind].column, viewer)
}

/** @param column of tracks, that says which of `e` they belong to */
function hasPlayableTrack(column: 'artist_id' | 'album_id', { userId }: Viewer): Prisma.Sql {
  const tracks = Prisma.raw(`tracks x WHERE x.${column} = e.id`)
  const isOpenTo = (openTo: number) =>
    Prisma.sql`(SELECT TRUE FROM ${tracks} AND x.open_to >= ${openTo} LIMIT 1) IS TRUE`
  if (userId === undefined) return isOpenTo(2)
  return Prisma.sql`(${isOpenTo(1)} OR ${hasPrivateTrack(tracks, userId)})`
}

/** The same for `albumTables`, which know how open the most open of an album's tracks is. */
export function isPlayableAlbum({ userId }: Viewer): Prisma.Sql {
  if (userId === undefined) return Prisma.sql`n.open_to >= 2`
  return Prisma.sql`(n.open_to >= 1 OR ${hasPrivateTrack(Prisma.sql`tracks x WHERE x.album_id = b.id`, userId)})`
}

/** @param tracks what follows FROM, with a condition */
function hasPrivateTrack(tracks: Prisma.Sql, ownerId: number): Prisma.Sql {
  return Prisma.sql`(EXISTS (${privateLibraries(ownerId)}) AND
    (SELECT TRUE FROM ${tracks} AND ${isInPrivateLibrary('x', ownerId)} LIMIT 1) IS TRUE)`
}

/** Open to the viewer, or in a private library of theirs. */
function isPlayableTrack({ userId }: Viewer): Prisma.Sql {
  if (userId === undefined) return Prisma.sql`e.open_to >= 2`
  return Prisma.sql`(e.open_to >= 1 OR (EXISTS (${privateLibraries(userId)}) AND ${isInPrivateLibrary('e', userId)}))`
}

function privateLibraries(ownerId: number): Prisma.Sql {
  return Prisma.sql`SELECT l.id FROM libraries l WHERE l.owner_id = ${ownerId} AND l.privacy_level = 'me'`
}

function isInPrivateLibrary(track: 'e' | 'x', ownerId: number): Prisma.Sql {
  return Prisma.sql`(SELECT TRUE FROM uploads u WHERE u.track_id = ${Prisma.raw(`${track}.id`)}
    AND u.import_status IN ('finished', 'skipped')
    AND u.library_id = ANY(ARRAY(${privateLibraries(ownerId)})) LIMIT 1) IS TRUE`
}

/** A file of it is in one of these libraries, and, if that matters, can be played. */
export function isInLibraries(kind: Kind, ids: readonly number[], { ready }: { ready: boolean }): Prisma.Sql {
  const status = ready ? Prisma.sql`AND u.import_status IN ('finished', 'skipped')` : Prisma.empty
  return hasUpload(kind, Prisma.sql`u.library_id = ANY(${ids}::int[]) ${status}`)
}

/** It has an upload, or one of its tracks has, of which `condition` on `uploads AS u` is true. */
export function hasUpload(kind: Kind, condition: Prisma.Sql): Prisma.Sql {
  if (kind === 'tracks') return Prisma.sql`EXISTS (SELECT FROM uploads u WHERE u.track_id = e.id AND ${condition})`
  return Prisma.sql`e.id = ANY(ARRAY(SELECT DISTINCT x.${Prisma.raw(columns[kind].column)}
    FROM uploads u JOIN tracks x ON x.id = u.track_id WHERE ${condition}))`
}

/** It carries this tag itself. */
export function hasTag(kind: Kind, id: number): Prisma.Sql {
  const { tags, column } = columns[kind]
  return Prisma.sql`EXISTS (SELECT FROM ${Prisma.raw(tags)} g WHERE g.${Prisma.raw(column)} = e.id AND g.tag_id = ${id})`
}

/** It is another one that shares a tag with this one. */
export function sharesTagWith(kind: Kind, id: number): Prisma.Sql {
  const { tags, column } = columns[kind]
  return Prisma.sql`e.id <> ${id} AND EXISTS (SELECT ${Prisma.raw(`FROM ${tags} g WHERE g.${column} = e.id`)}
    AND g.tag_id = ANY(ARRAY(SELECT own.tag_id ${Prisma.raw(`FROM ${tags} own WHERE own.${column}`)} = ${id})))`
}

/** The ids of what shares tags with this one, but not its own, and how many. */
export function relativesOf(kind: Kind, id: number): Prisma.Sql {
  const { tags, column } = columns[kind]
  return Prisma.sql`(SELECT ${Prisma.raw(`g.${column} AS id, count(*) AS count FROM ${tags} g`)}
    WHERE g.tag_id = ANY(ARRAY(SELECT own.tag_id ${Prisma.raw(`FROM ${tags} own WHERE own.${column}`)} = ${id}))
      AND ${Prisma.raw(`g.${column}`)} <> ${id}
    GROUP BY 1)`
}

/** All words of `q` are in one of its texts: its own, its artist's name or its album's title. */
export function contains(kind: Kind, q: string): Prisma.Sql {
  const query = readFullText(q)
  if (query === undefined) return never
  const artists = Prisma.sql`e.artist_id = ANY(ARRAY(SELECT a.id FROM artists a WHERE ${isFound('a.name_key', query)}))`
  const albums = Prisma.sql`e.album_id = ANY(ARRAY(SELECT b.id FROM albums b WHERE ${isFound('b.title_key', query)}))`
  if (kind === 'artists') return isFound('e.name_key', query)
  const own = isFound('e.title_key', query)
  return kind === 'albums' ? Prisma.sql`(${own} OR ${artists})` : Prisma.sql`(${own} OR ${artists} OR ${albums})`
}

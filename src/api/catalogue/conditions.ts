import { Prisma } from '../../db/generated/client.ts'
import { isFound, readFullText } from '../listing/full-text.ts'
import { isInScope, type Scope } from '../listing/scope.ts'
import { isPlayableUpload, type Viewer } from '../viewer.ts'

// Conditions on a list of artists, albums or tracks; the row in question is `e` in all of them.

export type Kind = 'artists' | 'albums' | 'tracks'

const tables = {
  artists: { from: 'artists e', tags: 'artist_tags', tagged: 'artist_id' },
  albums: { from: 'albums e', tags: 'album_tags', tagged: 'album_id' },
  tracks: { from: 'tracks e', tags: 'track_tags', tagged: 'track_id' },
} as const satisfies Record<Kind, object>

export function tableOf(kind: Kind): Prisma.Sql {
  return Prisma.raw(tables[kind].from)
}

export const never = Prisma.sql`FALSE`

/** It has an upload, or one of its tracks has, of which `condition` on `uploads AS u` is true. */
export function hasUpload(kind: Kind, condition: Prisma.Sql): Prisma.Sql {
  if (kind === 'tracks') return Prisma.sql`EXISTS (SELECT FROM uploads u WHERE u.track_id = e.id AND ${condition})`
  const owner = Prisma.raw(tables[kind].tagged)
  return Prisma.sql`EXISTS (SELECT FROM tracks x JOIN uploads u ON u.track_id = x.id
    WHERE x.${owner} = e.id AND ${condition})`
}

export function isPlayable(kind: Kind, viewer: Viewer): Prisma.Sql {
  return hasUpload(kind, isPlayableUpload(viewer))
}

/** The viewer may play it, and the file is in this library. */
export function isInLibrary(kind: Kind, viewer: Viewer, uuid: string): Prisma.Sql {
  const library = Prisma.sql`u.library_id = (SELECT id FROM libraries WHERE uuid = ${uuid}::uuid)`
  return hasUpload(kind, Prisma.sql`${library} AND ${isPlayableUpload(viewer)}`)
}

/** Somebody in the scope has a file of it. */
export function isHeldIn(kind: Kind, scope: Exclude<Scope, 'all'>): Prisma.Sql {
  if (scope === 'anybody') return hasUpload(kind, Prisma.sql`TRUE`)
  return hasUpload(
    kind,
    Prisma.sql`u.library_id IN (SELECT l.id FROM libraries l WHERE ${isInScope(scope, Prisma.sql`l.owner_id`)})`,
  )
}

/** It carries this tag itself. */
export function hasTag(kind: Kind, name: string): Prisma.Sql {
  const { tags, tagged } = tables[kind]
  return Prisma.sql`e.id IN (SELECT ${Prisma.raw(`g.${tagged} FROM ${tags} g`)}
    WHERE g.tag_id = (SELECT id FROM tags WHERE name_key = ${name.toLowerCase()}))`
}

/** It shares a tag with this one, and is another. */
export function isRelatedTo(kind: Kind, id: number): Prisma.Sql {
  return Prisma.sql`e.id <> ${id} AND e.id IN (SELECT shared.id FROM ${relatives(kind, id)})`
}

/** Joins `shared.count`, the number of tags it shares with this one. */
export function joinRelated(kind: Kind, id: number): Prisma.Sql {
  return Prisma.sql`JOIN ${relatives(kind, id)} ON shared.id = e.id`
}

function relatives(kind: Kind, id: number): Prisma.Sql {
  const { tags, tagged } = tables[kind]
  return Prisma.sql`(SELECT ${Prisma.raw(`other.${tagged} AS id, count(*) AS count
    FROM ${tags} own JOIN ${tags} other ON other.tag_id = own.tag_id WHERE own.${tagged}`)} = ${id}
    GROUP BY 1) shared`
}

/** All words of `q` are in one of its texts: its own, its artist's name or its album's title. */
export function contains(kind: Kind, q: string): Prisma.Sql {
  const query = readFullText(q)
  if (query === undefined) return never
  const artists = Prisma.sql`SELECT a.id FROM artists a WHERE ${isFound('a.name_key', query)}`
  const albums = Prisma.sql`SELECT b.id FROM albums b WHERE ${isFound('b.title_key', query)}`
  const tracks = Prisma.sql`SELECT t.id FROM tracks t WHERE ${isFound('t.title_key', query)}`
  if (kind === 'artists') return isFound('e.name_key', query)
  if (kind === 'albums') {
    return Prisma.sql`e.id IN (${albums} UNION SELECT b.id FROM albums b WHERE b.artist_id IN (${artists}))`
  }
  return Prisma.sql`e.id IN (${tracks} UNION SELECT t.id FROM tracks t WHERE t.artist_id IN (${artists})
    UNION SELECT t.id FROM tracks t WHERE t.album_id IN (${albums}))`
}

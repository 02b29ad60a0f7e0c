import { Prisma } from '../../db/generated/client.ts'

// A page of the catalogue is read in one statement: each kind of row once, as JSON, however often it is shown. Times
// arrive as text.

export interface CoverRow {
  id: number
  uuid: string
  size: number
  mimetype: string
  createdAt: string
}

export interface UserRow {
  id: number
  username: string
  name: string
  summaryText: string | null
  createdAt: string
}

export interface ArtistRow {
  id: number
  uuid: string
  mbid: string | null
  name: string
  contentCategory: string
  descriptionText: string | null
  descriptionContentType: string | null
  attributedToId: number | null
  coverId: number | null
  createdAt: string
  modifiedAt: string
}

export interface AlbumRow {
  id: number
  uuid: string
  mbid: string | null
  title: string
  artistId: number
  releaseDate: string | null
  attributedToId: number | null
  coverId: number | null
  createdAt: string
  tracksCount: number
}

/** Columns of `artists AS a`. */
export const artistColumns = Prisma.sql`a.id, a.uuid, a.mbid, a.name, a.content_category AS "contentCategory",
  a.description_text AS "descriptionText", a.description_content_type AS "descriptionContentType",
  a.attributed_to_id AS "attributedToId", a.cover_id AS "coverId", a.created_at AS "createdAt",
  a.modified_at AS "modifiedAt"`

/** `albums AS b` with what is counted of each one's tracks, in one look at the index. */
export const albumsCounted = Prisma.sql`albums b CROSS JOIN LATERAL (
    SELECT count(*) AS tracks, coalesce(max(x.open_to), 0) AS open_to FROM tracks x WHERE x.album_id = b.id) n`

/** Columns of `albumsCounted`. */
export const albumColumns = Prisma.sql`b.id, b.uuid, b.mbid, b.title, b.artist_id AS "artistId",
  b.release_date AS "releaseDate", b.attributed_to_id AS "attributedToId", b.cover_id AS "coverId",
  b.created_at AS "createdAt", n.tracks AS "tracksCount"`

/** All rows of the common table expression `the_<name>` as one JSON list. */
export function listOf(name: string): Prisma.Sql {
  return Prisma.raw(`(SELECT coalesce(json_agg(r), '[]') FROM the_${name} r) AS ${name}`)
}

/** The pictures with these ids: a query with one column. */
export function coversIn(ids: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT p.id, p.uuid, p.size, p.mimetype, p.created_at AS "createdAt"
    FROM attachments p WHERE p.id = ANY(ARRAY(${ids}))`
}

export function usersIn(ids: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT s.id, s.username, s.name, s.summary_text AS "summaryText", s.created_at AS "createdAt"
    FROM users s WHERE s.id = ANY(ARRAY(${ids}))`
}

import { Prisma } from '../../db/generated/client.ts'
import { type Columns, type RowFormat, rowFormat } from './row-format.ts'

// A page of the catalogue is read in one statement: each kind of row once, as JSON, however often it is shown.

/** The picture of a row; all are null if it has none. */
export interface CoverColumns {
  coverUuid: string | null
  coverSize: number
  coverMimetype: string
  coverCreatedAt: string
}

/** Of `attachments AS c`. */
export const coverColumns: Columns<CoverColumns> = {
  coverUuid: Prisma.sql`c.uuid`,
  coverSize: Prisma.sql`c.size`,
  coverMimetype: Prisma.sql`c.mimetype`,
  coverCreatedAt: Prisma.sql`c.created_at`,
}

export interface UserRow {
  id: number
  username: string
  name: string
  summaryText: string | null
  createdAt: string
}

export interface ArtistRow extends CoverColumns {
  id: number
  uuid: string
  mbid: string | null
  name: string
  contentCategory: string
  descriptionText: string | null
  descriptionContentType: string | null
  attributedToId: number | null
  createdAt: string
  modifiedAt: string
}

export interface AlbumRow extends CoverColumns {
  id: number
  uuid: string
  mbid: string | null
  title: string
  artistId: number
  releaseDate: string | null
  attributedToId: number | null
  createdAt: string
  tracksCount: number
}

export const artistTables = Prisma.sql`artists a LEFT JOIN attachments c ON c.id = a.cover_id`

/** Of `artistTables`. */
export const artistColumns: Columns<ArtistRow> = {
  id: Prisma.sql`a.id`,
  uuid: Prisma.sql`a.uuid`,
  mbid: Prisma.sql`a.mbid`,
  name: Prisma.sql`a.name`,
  contentCategory: Prisma.sql`a.content_category`,
  descriptionText: Prisma.sql`a.description_text`,
  descriptionContentType: Prisma.sql`a.description_content_type`,
  attributedToId: Prisma.sql`a.attributed_to_id`,
  createdAt: Prisma.sql`a.created_at`,
  modifiedAt: Prisma.sql`a.modified_at`,
  ...coverColumns,
}

/** With what is counted of each one's tracks, in one look at the index. */
export const albumTables = Prisma.sql`albums b LEFT JOIN attachments c ON c.id = b.cover_id CROSS JOIN LATERAL (
    SELECT count(*) AS tracks, coalesce(max(x.open_to), 0) AS open_to FROM tracks x WHERE x.album_id = b.id) n`

/** Of `albumTables`. */
export const albumColumns: Columns<AlbumRow> = {
  id: Prisma.sql`b.id`,
  uuid: Prisma.sql`b.uuid`,
  mbid: Prisma.sql`b.mbid`,
  title: Prisma.sql`b.title`,
  artistId: Prisma.sql`b.artist_id`,
  releaseDate: Prisma.sql`b.release_date`,
  attributedToId: Prisma.sql`b.attributed_to_id`,
  createdAt: Prisma.sql`b.created_at`,
  tracksCount: Prisma.sql`n.tracks`,
  ...coverColumns,
}

export const trackTables = Prisma.sql`tracks t LEFT JOIN attachments c ON c.id = t.cover_id`

export interface TrackRow extends CoverColumns {
  id: number
  uuid: string
  mbid: string | null
  title: string
  artistId: number
  albumId: number | null
  position: number | null
  discNumber: number | null
  copyright: string | null
  license: string | null
  attributedToId: number | null
  downloadsCount: number
  createdAt: string
}

/** Of `trackTables`. */
export const trackColumns: Columns<TrackRow> = {
  id: Prisma.sql`t.id`,
  uuid: Prisma.sql`t.uuid`,
  mbid: Prisma.sql`t.mbid`,
  title: Prisma.sql`t.title`,
  artistId: Prisma.sql`t.artist_id`,
  albumId: Prisma.sql`t.album_id`,
  position: Prisma.sql`t.position`,
  discNumber: Prisma.sql`t.disc_number`,
  copyright: Prisma.sql`t.copyright`,
  license: Prisma.sql`t.license`,
  attributedToId: Prisma.sql`t.attributed_to_id`,
  downloadsCount: Prisma.sql`t.downloads_count`,
  createdAt: Prisma.sql`t.created_at`,
  ...coverColumns,
}

export const albumRows: RowFormat<AlbumRow> = rowFormat(albumColumns)
export const artistRows: RowFormat<ArtistRow> = rowFormat(artistColumns)

/** Of `users AS s`. */
export const userColumns: Columns<UserRow> = {
  id: Prisma.sql`s.id`,
  username: Prisma.sql`s.username`,
  name: Prisma.sql`s.name`,
  summaryText: Prisma.sql`s.summary_text`,
  createdAt: Prisma.sql`s.created_at`,
}

export const userRows: RowFormat<UserRow> = rowFormat(userColumns)

/** @param kind of artists, albums or tracks: the names of its tags, in order */
export function tagsOf(kind: 'artist' | 'album' | 'track', alias: string): Prisma.Sql {
  return Prisma.raw(`ARRAY(SELECT g.name FROM ${kind}_tags k JOIN tags g ON g.id = k.tag_id
    WHERE k.${kind}_id = ${alias}.id ORDER BY g.name)`)
}

/** Who is named in the column `attributed_to_id` of a common table expression. */
export function usersOf(table: string): Prisma.Sql {
  return userRows.listOf(Prisma.raw(`users s WHERE s.id = ANY(ARRAY(SELECT DISTINCT attributed_to_id FROM ${table}))`))
}

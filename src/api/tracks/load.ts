import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { fidOf } from '../addresses.ts'
import type { CoverRow, UserRow } from '../catalogue/rows.ts'
import {
  type AlbumRow,
  type ArtistRow,
  albumColumns,
  albumsCounted,
  artistColumns,
  coversIn,
  listOf,
  usersIn,
} from '../catalogue/rows.ts'
import { Shelf } from '../catalogue/shelf.ts'
import { isVisibleLibrary, type Viewer } from '../viewer.ts'
import type { TrackOnWire } from './schemas.ts'

interface UploadRow {
  uuid: string
  size: number | null
  duration: number | null
  bitrate: number | null
  mimetype: string | null
  extension: string | null
}

interface TrackRow {
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
  coverId: number | null
  downloadsCount: number
  createdAt: string
  tags: string[]
  uploads: UploadRow[] | null
}

interface Rows {
  tracks: TrackRow[]
  albums: AlbumRow[]
  artists: ArtistRow[]
  covers: CoverRow[]
  users: UserRow[]
}

/** Tracks by id as this viewer is shown them, in one statement; ids of none are left out. */
export async function loadTracks(
  db: Database,
  publicUrl: string,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, TrackOnWire>> {
  if (ids.length === 0) return new Map()
  const [rows] = await select<Rows>(db, trackStatement(viewer, ids))
  if (rows === undefined) return new Map()
  const shelf = new Shelf(rows, publicUrl)
  return new Map(rows.tracks.map((row) => [row.id, representTrack(row, shelf, publicUrl)]))
}

function trackStatement(viewer: Viewer, ids: readonly number[]): Prisma.Sql {
  return Prisma.sql`
    WITH the_tracks AS MATERIALIZED (
      SELECT t.id, t.uuid, t.mbid, t.title, t.artist_id AS "artistId", t.album_id AS "albumId", t.position,
        t.disc_number AS "discNumber", t.copyright, t.license, t.attributed_to_id AS "attributedToId",
        t.cover_id AS "coverId", t.downloads_count AS "downloadsCount", t.created_at AS "createdAt",
        ARRAY(SELECT g.name FROM track_tags tt JOIN tags g ON g.id = tt.tag_id WHERE tt.track_id = t.id
          ORDER BY g.name) AS tags,
        (${uploadsOfTrack(viewer)}) AS uploads
      FROM tracks t WHERE t.id = ANY(${ids}::int[])
    ), the_albums AS MATERIALIZED (
      SELECT ${albumColumns} FROM ${albumsCounted} WHERE b.id = ANY(ARRAY(SELECT DISTINCT "albumId" FROM the_tracks))
    ), the_artists AS MATERIALIZED (
      SELECT ${artistColumns} FROM artists a
      WHERE a.id = ANY(ARRAY(SELECT "artistId" FROM the_tracks UNION SELECT "artistId" FROM the_albums))
    ), the_covers AS (
      ${coversIn(Prisma.sql`SELECT "coverId" FROM the_tracks UNION SELECT "coverId" FROM the_albums
        UNION SELECT "coverId" FROM the_artists`)}
    ), the_users AS (
      ${usersIn(Prisma.sql`SELECT DISTINCT "attributedToId" FROM the_tracks`)}
    )
    SELECT ${listOf('tracks')}, ${listOf('albums')}, ${listOf('artists')}, ${listOf('covers')}, ${listOf('users')}`
}

/** The playable ones, older first. */
function uploadsOfTrack(viewer: Viewer): Prisma.Sql {
  return Prisma.sql`SELECT json_agg(json_build_object('uuid', u.uuid, 'size', u.size, 'duration', u.duration,
      'bitrate', u.bitrate, 'mimetype', u.mimetype, 'extension', u.extension) ORDER BY u.created_at, u.id)
    FROM uploads u JOIN libraries l ON l.id = u.library_id
    WHERE u.track_id = t.id AND u.import_status IN ('finished', 'skipped') AND ${isVisibleLibrary(viewer)}`
}

function representTrack(row: TrackRow, shelf: Shelf, publicUrl: string): TrackOnWire {
  const listenUrl = `/api/v1/listen/${row.uuid}/`
  const uploads = row.uploads ?? []
  return {
    id: row.id,
    fid: fidOf('tracks', row.uuid, publicUrl),
    mbid: row.mbid,
    title: row.title,
    artist: shelf.artist(row.artistId),
    album: row.albumId === null ? null : shelf.album(row.albumId),
    position: row.position,
    disc_number: row.discNumber,
    creation_date: new Date(row.createdAt),
    copyright: row.copyright,
    license: row.license,
    tags: row.tags,
    cover: shelf.cover(row.coverId),
    attributed_to: shelf.actor(row.attributedToId),
    is_local: true,
    is_playable: uploads.length > 0,
    downloads_count: row.downloadsCount,
    listen_url: listenUrl,
    uploads: uploads.map((upload) => representUpload(upload, listenUrl)),
  }
}

function representUpload(row: UploadRow, listenUrl: string): TrackOnWire['uploads'][number] {
  return { ...row, listen_url: `${listenUrl}?upload=${row.uuid}`, is_local: true }
}

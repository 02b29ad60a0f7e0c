import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { writeMoment } from '../../http/wire.ts'
import { fidOf } from '../addresses.ts'
import { type ListedRow, listedIn, type RowFormat, rowFormat } from '../catalogue/row-format.ts'
import {
  albumRows,
  albumTables,
  artistRows,
  artistTables,
  type TrackRow,
  tagsOf,
  trackColumns,
  trackTables,
  userRows,
  usersOf,
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

interface ListedTrackRow extends TrackRow {
  tags: string[]
  uploads: ListedRow[] | null
}

type Lists = Record<'tracks' | 'albums' | 'artists' | 'users', ListedRow[]>

const uploadRows: RowFormat<UploadRow> = rowFormat<UploadRow>({
  uuid: Prisma.sql`u.uuid`,
  size: Prisma.sql`u.size`,
  duration: Prisma.sql`u.duration`,
  bitrate: Prisma.sql`u.bitrate`,
  mimetype: Prisma.sql`u.mimetype`,
  extension: Prisma.sql`u.extension`,
})

/** Tracks by id as this viewer is shown them, in one statement; ids of none are left out. */
export async function loadTracks(
  db: Database,
  publicUrl: string,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, TrackOnWire>> {
  if (ids.length === 0) return new Map()
  const trackRows = rowFormat<ListedTrackRow>({
    ...trackColumns,
    tags: tagsOf('track', 't'),
    uploads: uploadsOfTrack(viewer),
  })
  const [lists] = await select<Lists>(db, trackStatement(ids, trackRows))
  if (lists === undefined) return new Map()
  const albums = albumRows.read(lists.albums)
  const shelf = new Shelf(
    { albums, artists: artistRows.read(lists.artists), users: userRows.read(lists.users) },
    publicUrl,
  )
  return new Map(trackRows.read(lists.tracks).map((row) => [row.id, representTrack(row, shelf, publicUrl)]))
}

function trackStatement(ids: readonly number[], trackRows: RowFormat<ListedTrackRow>): Prisma.Sql {
  const artists = Prisma.sql`${artistTables}
    WHERE a.id = ANY(ARRAY(SELECT artist_id FROM the_tracks UNION SELECT artist_id FROM the_albums))`
  return Prisma.sql`
    WITH the_tracks AS MATERIALIZED (
      SELECT t.artist_id, t.album_id, t.attributed_to_id, ${trackRows.sql} AS listed
      FROM ${trackTables} WHERE t.id = ANY(${ids}::int[])
    ), the_albums AS MATERIALIZED (
      SELECT b.artist_id, ${albumRows.sql} AS listed
      FROM ${albumTables} WHERE b.id = ANY(ARRAY(SELECT DISTINCT album_id FROM the_tracks))
    )
    SELECT ${listedIn('the_tracks')} AS tracks, ${listedIn('the_albums')} AS albums,
      ${artistRows.listOf(artists)} AS artists, ${usersOf('the_tracks')} AS users`
}

/** The playable ones, older first. */
function uploadsOfTrack(viewer: Viewer): Prisma.Sql {
  return Prisma.sql`(SELECT json_agg(${uploadRows.sql} ORDER BY u.created_at, u.id)
    FROM uploads u JOIN libraries l ON l.id = u.library_id
    WHERE u.track_id = t.id AND u.import_status IN ('finished', 'skipped') AND ${isVisibleLibrary(viewer)})`
}

function representTrack(row: ListedTrackRow, shelf: Shelf, publicUrl: string): TrackOnWire {
  const listenUrl = `/api/v1/listen/${row.uuid}/`
  const uploads = uploadRows.read(row.uploads ?? [])
  return {
    id: row.id,
    fid: fidOf('tracks', row.uuid, publicUrl),
    mbid: row.mbid,
    title: row.title,
    artist: shelf.artist(row.artistId),
    album: row.albumId === null ? null : shelf.album(row.albumId),
    position: row.position,
    disc_number: row.discNumber,
    creation_date: writeMoment(row.createdAt),
    copyright: row.copyright,
    license: row.license,
    tags: row.tags,
    cover: shelf.coverOf(row),
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

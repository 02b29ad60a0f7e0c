import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
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
import type { AlbumOnWire } from './schemas.ts'

interface ListedAlbumRow extends AlbumRow {
  tags: string[]
  playableCount: number
  duration: number
}

interface Rows {
  albums: ListedAlbumRow[]
  artists: ArtistRow[]
  covers: CoverRow[]
  users: UserRow[]
}

/** Albums by id as this viewer is shown them, in one statement; ids of none are left out. */
export async function loadAlbums(
  db: Database,
  publicUrl: string,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, AlbumOnWire>> {
  if (ids.length === 0) return new Map()
  const [rows] = await select<Rows>(db, albumStatement(viewer, ids))
  if (rows === undefined) return new Map()
  const shelf = new Shelf(rows, publicUrl)
  return new Map(rows.albums.map((row) => [row.id, representAlbum(row, shelf)]))
}

function albumStatement(viewer: Viewer, ids: readonly number[]): Prisma.Sql {
  return Prisma.sql`
    WITH the_albums AS MATERIALIZED (
      SELECT ${albumColumns},
        ARRAY(SELECT g.name FROM album_tags bt JOIN tags g ON g.id = bt.tag_id WHERE bt.album_id = b.id
          ORDER BY g.name) AS tags,
        p.count AS "playableCount", p.duration
      FROM ${albumsCounted}, LATERAL (${playableTracksOfAlbum(viewer)}) p
      WHERE b.id = ANY(${ids}::int[])
    ), the_artists AS MATERIALIZED (
      SELECT ${artistColumns} FROM artists a WHERE a.id = ANY(ARRAY(SELECT DISTINCT "artistId" FROM the_albums))
    ), the_covers AS (
      ${coversIn(Prisma.sql`SELECT "coverId" FROM the_albums UNION SELECT "coverId" FROM the_artists`)}
    ), the_users AS (
      ${usersIn(Prisma.sql`SELECT DISTINCT "attributedToId" FROM the_albums`)}
    )
    SELECT ${listOf('albums')}, ${listOf('artists')}, ${listOf('covers')}, ${listOf('users')}`
}

/** How many, and how many seconds they take. */
function playableTracksOfAlbum(viewer: Viewer): Prisma.Sql {
  return Prisma.sql`SELECT count(*), coalesce(sum(each.duration), 0) AS duration FROM (
      SELECT max(u.duration) AS duration FROM tracks x JOIN uploads u ON u.track_id = x.id
      JOIN libraries l ON l.id = u.library_id
      WHERE x.album_id = b.id AND u.import_status IN ('finished', 'skipped') AND ${isVisibleLibrary(viewer)}
      GROUP BY x.id
    ) each`
}

function representAlbum(row: ListedAlbumRow, shelf: Shelf): AlbumOnWire {
  return {
    ...shelf.album(row.id),
    is_playable: row.playableCount > 0,
    tags: row.tags,
    attributed_to: shelf.actor(row.attributedToId),
    duration: row.duration,
  }
}

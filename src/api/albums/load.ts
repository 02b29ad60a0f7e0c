import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { type ListedRow, listedIn, type RowFormat, rowFormat } from '../catalogue/row-format.ts'
import {
  type AlbumRow,
  albumColumns,
  albumTables,
  artistRows,
  artistTables,
  tagsOf,
  userRows,
  usersOf,
} from '../catalogue/rows.ts'
import { Shelf } from '../catalogue/shelf.ts'
import { isVisibleLibrary, type Viewer } from '../viewer.ts'
import type { AlbumOnWire } from './schemas.ts'

interface ListedAlbumRow extends AlbumRow {
  tags: string[]
  playableCount: number
  duration: number
}

type Lists = Record<'albums' | 'artists' | 'users', ListedRow[]>

const listedAlbumRows: RowFormat<ListedAlbumRow> = rowFormat<ListedAlbumRow>({
  ...albumColumns,
  tags: tagsOf('album', 'b'),
  playableCount: Prisma.sql`p.count`,
  duration: Prisma.sql`p.duration`,
})

/** Albums by id as this viewer is shown them, in one statement; ids of none are left out. */
export async function loadAlbums(
  db: Database,
  publicUrl: string,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, AlbumOnWire>> {
  if (ids.length === 0) return new Map()
  const [lists] = await select<Lists>(db, albumStatement(viewer, ids))
  if (lists === undefined) return new Map()
  const shelf = new Shelf({ artists: artistRows.read(lists.artists), users: userRows.read(lists.users) }, publicUrl)
  return new Map(listedAlbumRows.read(lists.albums).map((row) => [row.id, representAlbum(row, shelf)]))
}

function albumStatement(viewer: Viewer, ids: readonly number[]): Prisma.Sql {
  const artists = Prisma.sql`${artistTables} WHERE a.id = ANY(ARRAY(SELECT DISTINCT artist_id FROM the_albums))`
  return Prisma.sql`
    WITH the_albums AS MATERIALIZED (
      SELECT b.artist_id, b.attributed_to_id, ${listedAlbumRows.sql} AS listed
      FROM ${albumTables} CROSS JOIN LATERAL (${playableTracksOfAlbum(viewer)}) p
      WHERE b.id = ANY(${ids}::int[])
    )
    SELECT ${listedIn('the_albums')} AS albums, ${artistRows.listOf(artists)} AS artists, ${usersOf('the_albums')} AS users`
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
    ...shelf.representAlbum(row),
    is_playable: row.playableCount > 0,
    tags: row.tags,
    attributed_to: shelf.actor(row.attributedToId),
    duration: row.duration,
  }
}

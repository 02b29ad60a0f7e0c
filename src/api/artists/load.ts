import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { fidOf } from '../addresses.ts'
import { isPlayableAlbum } from '../catalogue/conditions.ts'
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
import type { Viewer } from '../viewer.ts'
import type { ArtistOnWire } from './schemas.ts'

interface ListedArtistRow extends ArtistRow {
  tags: string[]
  tracksCount: number
}

interface ListedAlbumRow extends AlbumRow {
  isPlayable: boolean
}

interface Rows {
  artists: ListedArtistRow[]
  albums: ListedAlbumRow[]
  covers: CoverRow[]
  users: UserRow[]
}

/** Artists by id as this viewer is shown them, in one statement; ids of none are left out. */
export async function loadArtists(
  db: Database,
  publicUrl: string,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, ArtistOnWire>> {
  if (ids.length === 0) return new Map()
  const [rows] = await select<Rows>(db, artistStatement(viewer, ids))
  if (rows === undefined) return new Map()
  const shelf = new Shelf(rows, publicUrl)
  const albums = byArtist(rows.albums)
  return new Map(rows.artists.map((row) => [row.id, representArtist(row, albums.get(row.id) ?? [], shelf, publicUrl)]))
}

function artistStatement(viewer: Viewer, ids: readonly number[]): Prisma.Sql {
  return Prisma.sql`
    WITH the_artists AS MATERIALIZED (
      SELECT ${artistColumns},
        ARRAY(SELECT g.name FROM artist_tags at JOIN tags g ON g.id = at.tag_id WHERE at.artist_id = a.id
          ORDER BY g.name) AS tags,
        (SELECT count(*) FROM tracks x WHERE x.artist_id = a.id) AS "tracksCount"
      FROM artists a WHERE a.id = ANY(${ids}::int[])
    ), the_albums AS MATERIALIZED (
      SELECT ${albumColumns}, ${isPlayableAlbum(viewer)} AS "isPlayable"
      FROM ${albumsCounted} WHERE b.artist_id = ANY(${ids}::int[]) ORDER BY b.created_at DESC, b.id DESC
    ), the_covers AS (
      ${coversIn(Prisma.sql`SELECT "coverId" FROM the_artists UNION SELECT "coverId" FROM the_albums`)}
    ), the_users AS (
      ${usersIn(Prisma.sql`SELECT DISTINCT "attributedToId" FROM the_artists`)}
    )
    SELECT ${listOf('artists')}, ${listOf('albums')}, ${listOf('covers')}, ${listOf('users')}`
}

function byArtist(rows: ListedAlbumRow[]): Map<number, ListedAlbumRow[]> {
  const albums = new Map<number, ListedAlbumRow[]>()
  for (const row of rows) albums.set(row.artistId, [...(albums.get(row.artistId) ?? []), row])
  return albums
}

function representArtist(
  row: ListedArtistRow,
  albums: ListedAlbumRow[],
  shelf: Shelf,
  publicUrl: string,
): ArtistOnWire {
  return {
    id: row.id,
    fid: fidOf('artists', row.uuid, publicUrl),
    mbid: row.mbid,
    name: row.name,
    content_category: row.contentCategory,
    creation_date: new Date(row.createdAt),
    is_local: true,
    tags: row.tags,
    attributed_to: shelf.actor(row.attributedToId),
    channel: null,
    tracks_count: row.tracksCount,
    cover: shelf.cover(row.coverId),
    albums: albums.map((album) => ({
      id: album.id,
      fid: fidOf('albums', album.uuid, publicUrl),
      mbid: album.mbid,
      title: album.title,
      artist: album.artistId,
      release_date: album.releaseDate,
      creation_date: new Date(album.createdAt),
      cover: shelf.cover(album.coverId),
      is_playable: album.isPlayable,
      is_local: true,
      tracks_count: album.tracksCount,
    })),
  }
}

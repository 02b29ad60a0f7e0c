import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { writeMoment } from '../../http/wire.ts'
import { fidOf } from '../addresses.ts'
import { isPlayableAlbum } from '../catalogue/conditions.ts'
import { type ListedRow, listedIn, type RowFormat, rowFormat } from '../catalogue/row-format.ts'
import {
  type AlbumRow,
  type ArtistRow,
  albumColumns,
  albumTables,
  artistColumns,
  artistTables,
  tagsOf,
  userRows,
  usersOf,
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

type Lists = Record<'artists' | 'albums' | 'users', ListedRow[]>

const listedArtistRows: RowFormat<ListedArtistRow> = rowFormat<ListedArtistRow>({
  ...artistColumns,
  tags: tagsOf('artist', 'a'),
  tracksCount: Prisma.sql`(SELECT count(*) FROM tracks x WHERE x.artist_id = a.id)`,
})

/** Artists by id as this viewer is shown them, in one statement; ids of none are left out. */
export async function loadArtists(
  db: Database,
  publicUrl: string,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, ArtistOnWire>> {
  if (ids.length === 0) return new Map()
  const albumRows = rowFormat<ListedAlbumRow>({ ...albumColumns, isPlayable: isPlayableAlbum(viewer) })
  const [lists] = await select<Lists>(db, artistStatement(ids, albumRows))
  if (lists === undefined) return new Map()
  const shelf = new Shelf({ users: userRows.read(lists.users) }, publicUrl)
  const albums = byArtist(albumRows.read(lists.albums))
  const artists = listedArtistRows.read(lists.artists)
  return new Map(artists.map((row) => [row.id, representArtist(row, albums.get(row.id) ?? [], shelf, publicUrl)]))
}

function artistStatement(ids: readonly number[], albumRows: RowFormat<ListedAlbumRow>): Prisma.Sql {
  const albums = Prisma.sql`${albumTables} WHERE b.artist_id = ANY(${ids}::int[])`
  return Prisma.sql`
    WITH the_artists AS MATERIALIZED (
      SELECT a.attributed_to_id, ${listedArtistRows.sql} AS listed FROM ${artistTables} WHERE a.id = ANY(${ids}::int[])
    )
    SELECT ${listedIn('the_artists')} AS artists,
      ${albumRows.listOf(albums, Prisma.sql`b.created_at DESC, b.id DESC`)} AS albums,
      ${usersOf('the_artists')} AS users`
}

function byArtist(rows: ListedAlbumRow[]): Map<number, ListedAlbumRow[]> {
  const albums = new Map<number, ListedAlbumRow[]>()
  for (const row of rows) {
    const others = albums.get(row.artistId)
    if (others === undefined) albums.set(row.artistId, [row])
    else others.push(row)
  }
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
    creation_date: writeMoment(row.createdAt),
    is_local: true,
    tags: row.tags,
    attributed_to: shelf.actor(row.attributedToId),
    channel: null,
    tracks_count: row.tracksCount,
    cover: shelf.coverOf(row),
    albums: albums.map((album) => ({
      id: album.id,
      fid: fidOf('albums', album.uuid, publicUrl),
      mbid: album.mbid,
      title: album.title,
      artist: album.artistId,
      release_date: album.releaseDate,
      creation_date: writeMoment(album.createdAt),
      cover: shelf.coverOf(album),
      is_playable: album.isPlayable,
      is_local: true,
      tracks_count: album.tracksCount,
    })),
  }
}

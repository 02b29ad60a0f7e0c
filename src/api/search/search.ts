import type { z } from 'zod'
import { plannedAnew } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { loadAlbums } from '../albums/load.ts'
import { loadArtists } from '../artists/load.ts'
import { contains, type Kind, tableOf } from '../catalogue/conditions.ts'
import { searching } from '../listing/full-text.ts'
import { inOrder } from '../listing/list-ids.ts'
import { containsText, loadTags, representTag } from '../tags/tags.ts'
import { loadTracks } from '../tracks/load.ts'
import type { Viewer } from '../viewer.ts'
import type { searchResults } from './schemas.ts'

const mostOfEach = 3

type Found = Record<Kind | 'tags', number[]>

/**
 * Looks for artists, albums, tracks and tags; the shortest names come first.
 * @throws Problem `malformed`
 */
export async function search(
  { db, config: { publicUrl } }: Pick<Services, 'db' | 'config'>,
  viewer: Viewer,
  text: string,
): Promise<z.output<typeof searchResults>> {
  const q = text.trim()
  if (q === '') throw new Problem('malformed', 'empty query')
  const [found] = await searching(() => select<Found>(db, statementFor(q)))
  const { artists, albums, tracks, tags } = found ?? { artists: [], albums: [], tracks: [], tags: [] }
  const [artistsById, albumsById, tracksById, tagRows] = await Promise.all([
    loadArtists(db, publicUrl, viewer, artists),
    loadAlbums(db, publicUrl, viewer, albums),
    loadTracks(db, publicUrl, viewer, tracks),
    loadTags(db, tags),
  ])
  return {
    artists: inOrder(artists, artistsById),
    albums: inOrder(albums, albumsById),
    tracks: inOrder(tracks, tracksById),
    tags: tagRows.map(representTag),
  }
}

function statementFor(q: string): Prisma.Sql {
  const found = (from: Prisma.Sql, condition: Prisma.Sql, name: string) =>
    Prisma.sql`ARRAY(SELECT e.id FROM ${from} WHERE ${condition}
      ORDER BY length(e.${Prisma.raw(name)}), e.id LIMIT ${mostOfEach})`
  const kind = (of: Kind, name: string) => found(tableOf(of), contains(of, q), name)
  return Prisma.sql`${plannedAnew} SELECT ${kind('artists', 'name')} AS artists, ${kind('albums', 'title')} AS albums,
    ${kind('tracks', 'title')} AS tracks, ${found(Prisma.sql`tags e`, containsText(q), 'name')} AS tags`
}

import type { z } from 'zod'
import { Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { notFound } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { contentCategories, requireArtist } from '../artists/artists.ts'
import { never } from '../catalogue/conditions.ts'
import { catalogueConditions, catalogueQuery, isFoundFirst } from '../catalogue/list-query.ts'
import { inOrderOf, type Orders, readCatalogueOrder } from '../catalogue/orders.ts'
import { representContent } from '../content.ts'
import { searching } from '../listing/full-text.ts'
import { type ListedIds, listInTurn } from '../listing/list-ids.ts'
import { choiceFilter, rowIdFilter, textFilter } from '../listing/parameters.ts'
import type { Viewer } from '../viewer.ts'
import { loadAlbums } from './load.ts'
import type { albumDetail } from './schemas.ts'

export const albumQuery = catalogueQuery.extend({
  artist: rowIdFilter,
  content_category: choiceFilter(contentCategories),
  channel: textFilter,
})

type AlbumQuery = z.output<typeof albumQuery>

const orders: Orders = {
  creation_date: { by: 'e.created_at' },
  release_date: { by: 'e.release_date' },
  title: { by: 'e.title' },
  artist__modification_date: { by: 'a.modified_at', of: 'artist' },
}

/** @throws Problem `invalid`, `malformed` */
export async function listAlbums(
  { db, counts, config }: Pick<Services, 'db' | 'counts' | 'config'>,
  viewer: Viewer,
  query: AlbumQuery,
  page: Page,
): Promise<ListedIds> {
  const surroundings = { viewer, publicUrl: config.publicUrl }
  const where = [...(await catalogueConditions(db, 'albums', query, surroundings)), ...albumConditions(query)]
  const order = readCatalogueOrder('albums', orders, query, '-creation_date')
  if (query.artist !== undefined) await requireArtist(db, query.artist)
  return searching(() =>
    listInTurn(
      { db, counts },
      inOrderOf('albums', { where, isCountedAtOnce: isFoundFirst('albums', query, surroundings) }, order),
      page,
    ),
  )
}

function albumConditions({ artist, content_category: category, channel }: AlbumQuery): Prisma.Sql[] {
  const all = [
    artist === undefined ? undefined : Prisma.sql`e.artist_id = ${artist}`,
    category && Prisma.sql`e.artist_id IN (SELECT a.id FROM artists a WHERE a.content_category = ${category})`,
    // There are no channels.
    channel === undefined ? undefined : never,
  ]
  return all.filter((condition) => condition !== undefined)
}

/** @throws Problem `not_found` */
export async function findAlbum(
  { db, config }: Pick<Services, 'db' | 'config'>,
  viewer: Viewer,
  id: number,
): Promise<z.output<typeof albumDetail>> {
  const [row, loaded] = await Promise.all([
    db.album.findUnique({ where: { id }, select: { descriptionText: true, descriptionContentType: true } }),
    loadAlbums(db, config.publicUrl, viewer, [id]),
  ])
  const found = loaded.get(id)
  if (row === null || found === undefined) throw notFound('album')
  return { ...found, description: representContent(row.descriptionText, row.descriptionContentType) }
}

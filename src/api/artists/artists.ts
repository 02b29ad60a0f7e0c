import type { z } from 'zod'
import { Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { invalidField, notFound } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { catalogueConditions, catalogueQuery, isFoundFirst } from '../catalogue/list-query.ts'
import { inOrderOf, type Orders, readCatalogueOrder } from '../catalogue/orders.ts'
import { representContent } from '../content.ts'
import { searching } from '../listing/full-text.ts'
import { type ListedIds, listInTurn } from '../listing/list-ids.ts'
import { choiceFilter, noSuchChoice, textFilter, yesNoFilter } from '../listing/parameters.ts'
import type { Viewer } from '../viewer.ts'
import { loadArtists } from './load.ts'
import type { artistDetail } from './schemas.ts'

export const contentCategories = ['music', 'podcast', 'other'] as const

export const artistQuery = catalogueQuery.extend({
  has_albums: yesNoFilter,
  content_category: choiceFilter(contentCategories),
  name: textFilter,
  name__iexact: textFilter,
  name__startswith: textFilter,
  name__icontains: textFilter,
})

type ArtistQuery = z.output<typeof artistQuery>

const orders: Orders = {
  id: { by: 'e.id' },
  // Clients know it so: only the ascending order ignores case.
  name: { by: 'e.name_key', descendingBy: 'e.name' },
  creation_date: { by: 'e.created_at' },
  modification_date: { by: 'e.modified_at' },
}

/** @throws Problem `invalid`, `malformed` */
export async function listArtists(
  { db, counts, config }: Pick<Services, 'db' | 'counts' | 'config'>,
  viewer: Viewer,
  query: ArtistQuery,
  page: Page,
): Promise<ListedIds> {
  const surroundings = { viewer, publicUrl: config.publicUrl }
  const where = [...(await catalogueConditions(db, 'artists', query, surroundings)), ...artistConditions(query)]
  const order = readCatalogueOrder('artists', orders, query, '-id')
  return searching(() =>
    listInTurn(
      { db, counts },
      inOrderOf('artists', { where, isCountedAtOnce: isFoundFirst('artists', query, surroundings) }, order),
      page,
    ),
  )
}

/** @throws Problem `invalid` naming `artist` */
export async function requireArtist(db: Services['db'], id: number): Promise<void> {
  if ((await db.artist.findUnique({ where: { id }, select: { id: true } })) === null) {
    throw invalidField('artist', noSuchChoice)
  }
}

function artistConditions(query: ArtistQuery): Prisma.Sql[] {
  const all = [
    query.has_albums === true ? hasAlbums : undefined,
    query.has_albums === false ? Prisma.sql`NOT ${hasAlbums}` : undefined,
    query.content_category && Prisma.sql`e.content_category = ${query.content_category}`,
    query.name && Prisma.sql`e.name = ${query.name}`,
    query.name__iexact && Prisma.sql`e.name_key = ${query.name__iexact.toLowerCase()}`,
    query.name__startswith && Prisma.sql`starts_with(e.name, ${query.name__startswith})`,
    query.name__icontains && Prisma.sql`strpos(e.name_key, ${query.name__icontains.toLowerCase()}) > 0`,
  ]
  return all.filter((condition) => typeof condition === 'object')
}

const hasAlbums = Prisma.sql`EXISTS (SELECT FROM albums b WHERE b.artist_id = e.id)`

/** @throws Problem `not_found` */
export async function findArtist(
  { db, config }: Pick<Services, 'db' | 'config'>,
  viewer: Viewer,
  id: number,
): Promise<z.output<typeof artistDetail>> {
  const [row, loaded] = await Promise.all([
    db.artist.findUnique({ where: { id }, select: { descriptionText: true, descriptionContentType: true } }),
    loadArtists(db, config.publicUrl, viewer, [id]),
  ])
  const found = loaded.get(id)
  if (row === null || found === undefined) throw notFound('artist')
  return { ...found, description: representContent(row.descriptionText, row.descriptionContentType) }
}

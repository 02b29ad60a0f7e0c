import type { z } from 'zod'
import { Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { parseRowId } from '../../http/row-ids.ts'
import { invalidField, notFound } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { requireArtist } from '../artists/artists.ts'
import { never } from '../catalogue/conditions.ts'
import { catalogueConditions, catalogueQuery, isFoundFirst } from '../catalogue/list-query.ts'
import { inOrderOf, type Orders, readCatalogueOrder } from '../catalogue/orders.ts'
import { representContent } from '../content.ts'
import { licenseCodes } from '../licenses/licenses.ts'
import { searching } from '../listing/full-text.ts'
import { type ListedIds, listInTurn } from '../listing/list-ids.ts'
import { choiceFilter, listFilter, noSuchChoice, rowIdFilter, textFilter } from '../listing/parameters.ts'
import type { Viewer } from '../viewer.ts'
import { loadTracks } from './load.ts'
import type { trackDetail } from './schemas.ts'

export const trackQuery = catalogueQuery.extend({
  artist: rowIdFilter,
  album: rowIdFilter,
  license: choiceFilter(licenseCodes),
  id: listFilter,
  'id[]': listFilter,
  channel: textFilter,
  favorites: textFilter,
  title: textFilter,
  title__iexact: textFilter,
  title__startswith: textFilter,
  title__icontains: textFilter,
})

type TrackQuery = z.output<typeof trackQuery>

const orders: Orders = {
  creation_date: { by: 'e.created_at' },
  title: { by: 'e.title' },
  album__title: { by: 'b.title', of: 'album' },
  album__release_date: { by: 'b.release_date', of: 'album' },
  position: { by: 'e.position' },
  disc_number: { by: 'e.disc_number' },
  artist__name: { by: 'a.name', of: 'artist' },
  artist__modification_date: { by: 'a.modified_at', of: 'artist' },
}

/** @throws Problem `invalid`, `malformed` */
export async function listTracks(
  { db, counts, config }: Pick<Services, 'db' | 'counts' | 'config'>,
  viewer: Viewer,
  query: TrackQuery,
  page: Page,
): Promise<ListedIds> {
  const surroundings = { viewer, publicUrl: config.publicUrl }
  const where = [
    ...(await catalogueConditions(db, 'tracks', query, surroundings)),
    ...namedIn(query),
    ...titleConditions(query),
    ...(query.favorites === 'true' && viewer.userId !== undefined ? [isFavoriteOf(viewer.userId)] : []),
  ]
  const order = readCatalogueOrder('tracks', orders, query, '-creation_date')
  if (query.artist !== undefined) await requireArtist(db, query.artist)
  if (query.album !== undefined) await requireAlbum(db, query.album)
  return searching(() =>
    listInTurn(
      { db, counts },
      inOrderOf('tracks', { where, isCountedAtOnce: isFoundFirst('tracks', query, surroundings) }, order),
      page,
    ),
  )
}

async function requireAlbum(db: Services['db'], id: number): Promise<void> {
  if ((await db.album.findUnique({ where: { id }, select: { id: true } })) === null) {
    throw invalidField('album', noSuchChoice)
  }
}

/** Of things that the query names. */
function namedIn({ artist, album, license, channel, id, 'id[]': bracketed }: TrackQuery): Prisma.Sql[] {
  const ids = [...id, ...bracketed].map(readId)
  const all = [
    artist === undefined ? undefined : isByArtist(artist),
    album === undefined ? undefined : Prisma.sql`e.album_id = ${album}`,
    license && Prisma.sql`e.license = ${license}`,
    ids.length === 0 ? undefined : Prisma.sql`e.id = ANY(${ids}::int[])`,
    // There are no channels.
    channel === undefined ? undefined : never,
  ]
  return all.filter((condition) => typeof condition === 'object')
}

/** Credited to the artist, or on an album of theirs. */
function isByArtist(artistId: number): Prisma.Sql {
  return Prisma.sql`(e.artist_id = ${artistId}
    OR e.album_id = ANY(ARRAY(SELECT b.id FROM albums b WHERE b.artist_id = ${artistId})))`
}

/** No row has the id 0. */
function readId(text: string): number {
  if (!/^\d+$/.test(text)) throw invalidField('id', 'Enter a number.')
  return parseRowId(text) ?? 0
}

function titleConditions(query: TrackQuery): Prisma.Sql[] {
  const all = [
    query.title && Prisma.sql`e.title = ${query.title}`,
    query.title__iexact && Prisma.sql`e.title_key = ${query.title__iexact.toLowerCase()}`,
    query.title__startswith && Prisma.sql`starts_with(e.title, ${query.title__startswith})`,
    query.title__icontains && Prisma.sql`strpos(e.title_key, ${query.title__icontains.toLowerCase()}) > 0`,
  ]
  return all.filter((condition) => typeof condition === 'object')
}

function isFavoriteOf(userId: number): Prisma.Sql {
  return Prisma.sql`e.id IN (SELECT f.track_id FROM favorites f WHERE f.user_id = ${userId})`
}

/** @throws Problem `not_found` */
export async function findTrack(
  { db, config }: Pick<Services, 'db' | 'config'>,
  viewer: Viewer,
  id: number,
): Promise<z.output<typeof trackDetail>> {
  const [row, loaded] = await Promise.all([
    db.track.findUnique({ where: { id }, select: { descriptionText: true, descriptionContentType: true } }),
    loadTracks(db, config.publicUrl, viewer, [id]),
  ])
  const found = loaded.get(id)
  if (row === null || found === undefined) throw notFound('track')
  return { ...found, description: representContent(row.descriptionText, row.descriptionContentType) }
}

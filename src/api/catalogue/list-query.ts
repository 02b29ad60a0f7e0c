import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { pageQuery } from '../../http/pagination.ts'
import { listFilter, nameableRowId, nameableUuid, textFilter, uuidFilter, yesNoFilter } from '../listing/parameters.ts'
import { readScope } from '../listing/scope.ts'
import type { Viewer } from '../viewer.ts'
import {
  contains,
  hasTag,
  hasUpload,
  isInLibraries,
  isPlayable,
  type Kind,
  never,
  sharesTagWith,
} from './conditions.ts'
import { findNamed } from './named-rows.ts'
import { isByRelation } from './orders.ts'

/** What the lists of artists, albums and tracks all understand. */
export const catalogueQuery = pageQuery.extend({
  q: textFilter,
  playable: yesNoFilter,
  tag: listFilter,
  'tag[]': listFilter,
  scope: textFilter,
  library: nameableUuid,
  related: nameableRowId,
  mbid: uuidFilter,
  hidden: yesNoFilter,
  ordering: textFilter,
})

export type CatalogueQuery = z.output<typeof catalogueQuery>

interface Surroundings {
  viewer: Viewer
  publicUrl: string
}

/** No index gives the rows in their order: searches, relatives, and what has tracks in some libraries. */
export function isFoundFirst(kind: Kind, query: CatalogueQuery, { viewer, publicUrl }: Surroundings): boolean {
  const scope = readScope(query.scope, viewer, publicUrl)
  const isOfSome = query.library !== undefined || (scope !== undefined && scope !== 'all')
  const isByTracks = kind !== 'tracks' && isOfSome
  return query.q !== undefined || isByRelation(query) || isByTracks
}

/** The conditions that the query makes, all of which have to be true. */
export async function catalogueConditions(
  db: Database,
  kind: Kind,
  query: CatalogueQuery,
  { viewer, publicUrl }: Surroundings,
): Promise<Prisma.Sql[]> {
  const all = [
    ...(await conditionsOnNames(db, kind, query, { viewer, publicUrl })),
    query.q === undefined ? undefined : contains(kind, query.q),
    query.playable === true ? isPlayable(kind, viewer) : undefined,
    query.playable === false ? Prisma.sql`NOT ${isPlayable(kind, viewer)}` : undefined,
    query.related === undefined || isByRelation(query) ? undefined : sharesTagWith(kind, query.related),
    query.mbid === undefined ? undefined : Prisma.sql`e.mbid = ${query.mbid}::uuid`,
    // Nobody hides anything.
    query.hidden === true && viewer.userId !== undefined ? never : undefined,
  ]
  return all.filter((condition) => condition !== undefined)
}

/** On tags, libraries and people. */
async function conditionsOnNames(
  db: Database,
  kind: Kind,
  query: CatalogueQuery,
  { viewer, publicUrl }: Surroundings,
): Promise<(Prisma.Sql | undefined)[]> {
  const tags = [...new Set([...query.tag, ...query['tag[]']].map((name) => name.toLowerCase()))]
  const scope = readScope(query.scope, viewer, publicUrl)
  const ofSome = typeof scope === 'object' ? scope : undefined
  const found = await findNamed(db, viewer, { tags, library: query.library, scope: ofSome })
  return [
    found.tags.length < tags.length ? never : undefined,
    ...found.tags.map((id) => hasTag(kind, id)),
    found.library && isInLibraries(kind, found.library, { ready: true }),
    found.scope && isInLibraries(kind, found.scope, { ready: false }),
    scope === 'anybody' ? hasUpload(kind, Prisma.sql`TRUE`) : undefined,
  ]
}

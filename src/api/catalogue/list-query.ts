import type { z } from 'zod'
import { Prisma } from '../../db/generated/client.ts'
import { pageQuery } from '../../http/pagination.ts'
import { listFilter, nameableUuid, rowIdFilter, textFilter, uuidFilter, yesNoFilter } from '../listing/parameters.ts'
import { readScope } from '../listing/scope.ts'
import type { Viewer } from '../viewer.ts'
import { contains, hasTag, isHeldIn, isInLibrary, isPlayable, isRelatedTo, type Kind, never } from './conditions.ts'

/** What the lists of artists, albums and tracks all understand. */
export const catalogueQuery = pageQuery.extend({
  q: textFilter,
  playable: yesNoFilter,
  tag: listFilter,
  'tag[]': listFilter,
  scope: textFilter,
  library: nameableUuid,
  related: rowIdFilter,
  mbid: uuidFilter,
  hidden: yesNoFilter,
  ordering: textFilter,
})

export type CatalogueQuery = z.output<typeof catalogueQuery>

interface Surroundings {
  viewer: Viewer
  publicUrl: string
}

/** The conditions that the query makes, all of which have to be true. */
export function catalogueConditions(
  kind: Kind,
  query: CatalogueQuery,
  { viewer, publicUrl }: Surroundings,
): Prisma.Sql[] {
  const scope = readScope(query.scope, viewer, publicUrl)
  const all = [
    query.q === undefined ? undefined : contains(kind, query.q),
    query.playable === true ? isPlayable(kind, viewer) : undefined,
    query.playable === false ? Prisma.sql`NOT ${isPlayable(kind, viewer)}` : undefined,
    ...[...new Set([...query.tag, ...query['tag[]']])].map((name) => hasTag(kind, name)),
    scope === undefined || scope === 'all' ? undefined : isHeldIn(kind, scope),
    query.library === undefined ? undefined : isInLibrary(kind, viewer, query.library),
    query.related === undefined ? undefined : isRelatedTo(kind, query.related),
    query.mbid === undefined ? undefined : Prisma.sql`e.mbid = ${query.mbid}::uuid`,
    // Nobody hides anything.
    query.hidden === true && viewer.userId !== undefined ? never : undefined,
  ]
  return all.filter((condition) => condition !== undefined)
}

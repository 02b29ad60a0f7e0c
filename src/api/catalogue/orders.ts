import { Prisma } from '../../db/generated/client.ts'
import { invalidField } from '../../lib/problem.ts'
import type { SortTerm } from '../listing/list-ids.ts'
import { readStrictOrdering } from '../listing/ordering.ts'
import { joinRelated, type Kind } from './conditions.ts'

/** What a list can be ordered by: the value, and tables that it needs. */
export type Orders = Record<string, { by: string; joins?: 'artists' | 'albums'; descendingBy?: string }>

/** By wire name; the row is `e`, its artist `a` and its album `b`. */
const joins = {
  artists: Prisma.sql`JOIN artists a ON a.id = e.artist_id`,
  albums: Prisma.sql`LEFT JOIN albums b ON b.id = e.album_id`,
}

interface CatalogueOrder {
  joins: Prisma.Sql
  orderBy: SortTerm[]
  /** Every request finds another order. */
  isRandom: boolean
}

/**
 * Reads `ordering`; rows that are alike in it come by id.
 * @throws Problem `invalid` naming `ordering`
 */
export function readCatalogueOrder(
  kind: Kind,
  orders: Orders,
  { ordering, related }: { ordering?: string | undefined; related?: number | undefined },
  usual: string,
): CatalogueOrder {
  const names = [...Object.keys(orders), 'random', 'related']
  const asked = readStrictOrdering(ordering, names)
  const terms = asked.length > 0 ? asked : readStrictOrdering(usual, names)
  if (related === undefined && terms.some(({ field }) => field === 'related')) throw relatedToNothing()
  const orderBy = terms.map(({ field, isDescending }) => ({ by: sortValue(orders, field, isDescending), isDescending }))
  const needed = new Set(terms.map(({ field }) => orders[field]?.joins).filter((table) => table !== undefined))
  return {
    joins: Prisma.join(
      [
        Prisma.empty,
        ...[...needed].map((table) => joins[table]),
        related !== undefined && terms.some(({ field }) => field === 'related')
          ? joinRelated(kind, related)
          : Prisma.empty,
      ],
      ' ',
    ),
    orderBy: [...orderBy, { by: Prisma.sql`e.id`, isDescending: orderBy[0]?.isDescending ?? false }],
    isRandom: terms[0]?.field === 'random',
  }
}

function sortValue(orders: Orders, field: string, isDescending: boolean): Prisma.Sql {
  if (field === 'random') return Prisma.sql`random()`
  if (field === 'related') return Prisma.sql`shared.count`
  const { by = '', descendingBy = by } = orders[field] ?? {}
  return Prisma.raw(isDescending ? descendingBy : by)
}

function relatedToNothing(): Error {
  return invalidField('ordering', 'This order needs the parameter "related".')
}

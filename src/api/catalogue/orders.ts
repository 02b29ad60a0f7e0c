import { Prisma } from '../../db/generated/client.ts'
import { invalidField } from '../../lib/problem.ts'
import type { Selection, SortTerm } from '../listing/list-ids.ts'
import { type Order, readStrictOrdering } from '../listing/ordering.ts'
import { type Kind, relativesOf, tableOf } from './conditions.ts'

/** What a list can be ordered by, by wire name; the row is `e`, its artist `a` and its album `b`. */
export type Orders = Record<string, { by: string; of?: 'artist' | 'album'; descendingBy?: string }>

const outerAlbums = Prisma.sql`LEFT JOIN albums b ON b.id = e.album_id`
const joins = { artist: Prisma.sql`JOIN artists a ON a.id = e.artist_id`, album: outerAlbums }
const onAlbums = Prisma.sql`JOIN albums b ON b.id = e.album_id`

const ids = { artist: Prisma.sql`a.id`, album: Prisma.sql`b.id` }

interface Asked {
  ordering?: string | undefined
  related?: number | undefined
}

/** The order of a list, and what it needs. */
export interface CatalogueOrder {
  orderBy: SortTerm[]
  joins: Prisma.Sql[]
  /** Ids and how much they share with what the list is related to: only these are in it. */
  relatives: Prisma.Sql | undefined
  /** Nothing of a row but its id is needed. */
  isById: boolean
  /** Every request finds another order. */
  isRandom: boolean
  /** Which way it goes by albums, if it does so first of all. */
  byAlbum: 'ascending' | 'descending' | undefined
}

/**
 * Reads `ordering`; rows that are alike in it come by id.
 * @throws Problem `invalid` naming `ordering`
 */
export function readCatalogueOrder(
  kind: Kind,
  orders: Orders,
  { ordering, related }: Asked,
  usual: string,
): CatalogueOrder {
  const names = [...Object.keys(orders), 'random', 'related']
  const asked = readStrictOrdering(ordering, names)
  const terms = asked.length > 0 ? asked : readStrictOrdering(usual, names)
  if (related === undefined && terms.some(({ field }) => field === 'related')) throw relatedToNothing()
  const needed = new Set(terms.map(({ field }) => orders[field]?.of).filter((table) => table !== undefined))
  const [first] = terms
  return {
    joins: [Prisma.empty, ...[...needed].map((table) => joins[table])],
    relatives: isByRelation({ ordering, related }) ? relativesOf(kind, related ?? 0) : undefined,
    isById: terms.every(({ field }) => field === 'related' || field === 'id'),
    orderBy: sortTerms(orders, terms),
    isRandom: first?.field === 'random',
    byAlbum: first === undefined || orders[first.field]?.of !== 'album' ? undefined : directionOf(first),
  }
}

/** Counting what is shared finds the relatives as well; a random order counts nothing. */
export function isByRelation({ ordering = '', related }: Asked): boolean {
  const names = ordering
    .split(',')
    .map((name) => name.trim().replace(/^-/, ''))
    .filter((name) => name !== '')
  return related !== undefined && names.includes('related') && names[0] !== 'random'
}

function directionOf({ isDescending }: Order<string>): 'ascending' | 'descending' {
  return isDescending ? 'descending' : 'ascending'
}

function sortTerms(orders: Orders, terms: Order<string>[]): SortTerm[] {
  const asked = terms.map(({ field, isDescending }) => ({ by: sortValue(orders, field, isDescending), isDescending }))
  const last = terms.at(-1)
  const isDescending = last?.isDescending ?? false
  const of = last === undefined ? undefined : orders[last.field]?.of
  // The index of that table goes by its id in the end.
  const grouped = of === undefined ? [] : [{ by: ids[of], isDescending }]
  return [...asked, ...grouped, { by: Prisma.sql`e.id`, isDescending }]
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

/**
 * A list in its order. One that goes by albums is two that follow each other, as an index can give the order of what is on
 * an album, but not of a table that is outer-joined.
 */
export function inOrderOf(
  kind: Kind,
  list: Pick<Selection, 'where' | 'isCountedAtOnce'>,
  order: CatalogueOrder,
): Selection[] {
  const { joins, orderBy, isRandom, byAlbum } = order
  const from = tableInOrder(kind, list.where, order)
  const whole = { ...list, from, joins: Prisma.join(joins, ' '), orderBy, isRandom }
  if (byAlbum === undefined) return [whole]
  const inner = joins.map((join) => (join === outerAlbums ? onAlbums : join))
  const parts = [
    { ...whole, joins: Prisma.join(inner, ' '), where: [...list.where, Prisma.sql`e.album_id IS NOT NULL`] },
    { ...whole, where: [...list.where, Prisma.sql`e.album_id IS NULL`] },
  ]
  return byAlbum === 'ascending' ? parts : parts.reverse()
}

/** Relatives are looked up in the table only if more than their ids matters. */
function tableInOrder(kind: Kind, where: readonly Prisma.Sql[], { relatives, isById }: CatalogueOrder): Prisma.Sql {
  if (relatives === undefined) return tableOf(kind)
  if (isById && where.length === 0) return Prisma.sql`${relatives} shared, LATERAL (SELECT shared.id) e`
  return Prisma.sql`${tableOf(kind)} JOIN ${relatives} shared ON shared.id = e.id`
}

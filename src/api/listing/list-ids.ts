import { type Database, plannedAnew } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import type { ListCounts } from '../../db/list-counts.ts'
import { select } from '../../db/statements.ts'
import type { Page } from '../../http/pagination.ts'
import { randomIds } from './random-ids.ts'

/** Up to here a page is found from the beginning, without asking how long the list is. */
const nearEnough = 2_000

/** One term of ORDER BY; NULL comes last, or first when descending. */
export interface SortTerm {
  by: Prisma.Sql
  isDescending: boolean
}

/** What a list shows; its rows are `e` in all SQL. */
export interface Selection {
  /** A table AS e. */
  from: Prisma.Sql
  /** Tables that only the order needs, each with at most one row for a row of `from`. */
  joins?: Prisma.Sql
  /** All of these. */
  where: readonly Prisma.Sql[]
  /** Ends with what makes the order the same every time. */
  orderBy: readonly SortTerm[]
  /** Every request finds another order, whatever `orderBy` says. */
  isRandom?: boolean
  /** All its rows have to be found before they can be ordered, so they are counted then. */
  isCountedAtOnce?: boolean
}

export interface ListedIds {
  /** Of the whole list. */
  count: number
  /** Of the page, in order. */
  ids: number[]
}

type Span = Pick<Page, 'skip' | 'take'>

interface Source {
  db: Database
  counts: ListCounts
}

/** Finds one page of lists that follow each other. */
export async function listInTurn(source: Source, selections: readonly Selection[], page: Span): Promise<ListedIds> {
  const listed: ListedIds = { count: 0, ids: [] }
  for (const selection of selections) {
    const skip = Math.max(page.skip - listed.count, 0)
    const { count, ids } = await listIds(source, selection, { skip, take: page.take - listed.ids.length })
    listed.count += count
    listed.ids.push(...ids)
  }
  return listed
}

/** Finds one page of a list. A page far from the beginning is found from the end, if that is nearer. */
export async function listIds(source: Source, selection: Selection, { skip, take }: Span): Promise<ListedIds> {
  const isRandom = selection.isRandom ?? false
  if (skip <= nearEnough && !isRandom) return listFromBeginning(source, selection, { skip, take })
  const { db, counts } = source
  const count = await counts.count(db, rowsOf(selection), await currentSnapshot(db))
  const here = Math.min(take, count - skip)
  if (here <= 0) return { count, ids: [] }
  if (isRandom) return { count, ids: await randomIds(db, selection, { count, take: here }) }
  const after = count - skip - here
  if (after > skip) return { count, ids: (await pageOfIds(db, selection, { skip, take })).ids }
  const { ids } = await pageOfIds(db, reversed(selection), { skip: after, take: here })
  return { count, ids: ids.reverse() }
}

async function listFromBeginning({ db, counts }: Source, selection: Selection, page: Span): Promise<ListedIds> {
  if (selection.isCountedAtOnce === true) return countedPage(db, selection, page)
  const { ids, snapshot } = await pageOfIds(db, selection, page)
  // A page that is not full is the last one.
  const isLast = ids.length < page.take && (ids.length > 0 || page.skip === 0)
  const count = isLast ? page.skip + ids.length : await counts.count(db, rowsOf(selection), snapshot)
  return { count, ids }
}

/** Finds all rows before it orders them: an order that is near at hand would have it look at far more. */
async function countedPage(db: Database, selection: Selection, { skip, take }: Span): Promise<ListedIds> {
  const terms = selection.orderBy.map(({ by, isDescending }, index) => {
    const name = Prisma.raw(`term${index}`)
    return { value: Prisma.sql`${by} AS ${name}`, order: isDescending ? Prisma.sql`${name} DESC` : name }
  })
  const [row] = await select<ListedIds>(
    db,
    Prisma.sql`${plannedAnew}
    WITH found AS MATERIALIZED (
      SELECT e.id, ${Prisma.join(terms.map(({ value }) => value))} ${rowsOf(selection, selection.joins)}
    )
    SELECT (SELECT count(*) FROM found)::int AS count, ARRAY(
      SELECT id FROM found ORDER BY ${Prisma.join(terms.map(({ order }) => order))} LIMIT ${take} OFFSET ${skip}) AS ids`,
  )
  if (row === undefined) throw new Error('A list has no row')
  return row
}

async function pageOfIds(db: Database, selection: Selection, page: Span) {
  const [row] = await select<{ ids: number[]; snapshot: string }>(
    db,
    Prisma.sql`${plannedAnew}
    SELECT pg_current_snapshot()::text AS snapshot, ARRAY(
      SELECT e.id ${pageOf(selection, page)}) AS ids`,
  )
  if (row === undefined) throw new Error('A list has no row')
  return row
}

function pageOf(selection: Selection, { skip, take }: Span): Prisma.Sql {
  const order = selection.orderBy.map(({ by, isDescending }) => (isDescending ? Prisma.sql`${by} DESC` : by))
  return Prisma.sql`${rowsOf(selection, selection.joins)} ORDER BY ${Prisma.join(order)} LIMIT ${take} OFFSET ${skip}`
}

async function currentSnapshot(db: Database): Promise<string> {
  const rows = await select<{ snapshot: string }>(db, Prisma.sql`SELECT pg_current_snapshot()::text AS snapshot`)
  return rows[0]?.snapshot ?? ''
}

function rowsOf({ from, where }: Selection, joins: Prisma.Sql = Prisma.empty): Prisma.Sql {
  const conditions = where.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(where, ' AND ')}`
  return Prisma.sql`FROM ${from} ${joins} ${conditions}`
}

function reversed(selection: Selection): Selection {
  const orderBy = selection.orderBy.map(({ by, isDescending }) => ({ by, isDescending: !isDescending }))
  return { ...selection, orderBy }
}

/** What was loaded by id, in the order of the ids; what has gone since is left out. */
export function inOrder<Item>(ids: readonly number[], items: ReadonlyMap<number, Item>): Item[] {
  return ids.map((id) => items.get(id)).filter((item) => item !== undefined)
}

import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import type { ListCounts } from '../../db/list-counts.ts'
import type { Page } from '../../http/pagination.ts'

/** Up to here a page is found from the beginning, without asking how long the list is. */
const nearEnough = 2_000

/** One term of ORDER BY; NULL comes last, or first when descending. */
export interface SortTerm {
  by: Prisma.Sql
  isDescending: boolean
}

/** What a list shows. */
export interface Selection {
  /** A table with its alias. */
  from: Prisma.Sql
  /** Tables that only the order needs, each with at most one row for a row of `from`. */
  joins?: Prisma.Sql
  /** All of these. */
  where: readonly Prisma.Sql[]
  /** Ends with what makes the order the same every time. */
  orderBy: readonly SortTerm[]
  /** The column of what is listed. */
  id: Prisma.Sql
}

export interface ListedIds {
  /** Of the whole list. */
  count: number
  /** Of the page, in order. */
  ids: number[]
}

/** Finds one page of a list. A page far from the beginning is found from the end, if that is nearer. */
export async function listIds(
  { db, counts }: { db: Database; counts: ListCounts },
  selection: Selection,
  { skip, take }: Pick<Page, 'skip' | 'take'>,
): Promise<ListedIds> {
  if (skip <= nearEnough) return listFromBeginning({ db, counts }, selection, { skip, take })
  const counted = rowsOf(selection)
  const count = await counts.count(db, counted, await currentSnapshot(db))
  if (skip >= count) return { count, ids: [] }
  const after = Math.max(count - skip - take, 0)
  if (after > skip) return { count, ids: (await pageOfIds(db, selection, { skip, take })).ids }
  const backwards = { skip: after, take: Math.min(take, count - skip) }
  const { ids } = await pageOfIds(db, reversed(selection), backwards)
  return { count, ids: ids.reverse() }
}

async function listFromBeginning(
  { db, counts }: { db: Database; counts: ListCounts },
  selection: Selection,
  page: Pick<Page, 'skip' | 'take'>,
): Promise<ListedIds> {
  const { ids, snapshot } = await pageOfIds(db, selection, page)
  // A page that is not full is the last one.
  const isLast = ids.length < page.take && (ids.length > 0 || page.skip === 0)
  const count = isLast ? page.skip + ids.length : await counts.count(db, rowsOf(selection), snapshot)
  return { count, ids }
}

async function pageOfIds(db: Database, selection: Selection, { skip, take }: Pick<Page, 'skip' | 'take'>) {
  const order = selection.orderBy.map(({ by, isDescending }) => (isDescending ? Prisma.sql`${by} DESC` : by))
  const [row] = await db.$queryRaw<{ ids: number[]; snapshot: string }[]>(Prisma.sql`
    SELECT pg_current_snapshot()::text AS snapshot, ARRAY(
      SELECT ${selection.id} ${rowsOf(selection, selection.joins)}
      ORDER BY ${Prisma.join(order)} LIMIT ${take} OFFSET ${skip}) AS ids`)
  if (row === undefined) throw new Error('A list has no row')
  return row
}

async function currentSnapshot(db: Database): Promise<string> {
  const rows = await db.$queryRaw<{ snapshot: string }[]>`SELECT pg_current_snapshot()::text AS snapshot`
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

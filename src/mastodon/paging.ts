import type { FastifyReply } from 'fastify'
import { z } from 'zod'

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value)
const text = z.preprocess(lastOf, z.string().optional().catch(undefined))

/** How long a page is and where it begins; what makes no sense is ignored. */
export const cursorQuery = z.object({ limit: text, max_id: text, since_id: text, min_id: text })

/** A part of a list that is newest first, for the database. */
export interface Slice {
  where: { id: { lt?: number; gt?: number } }
  orderBy: { id: 'asc' | 'desc' }
  take: number
}

/** What an integer column holds. */
const largestId = 2 ** 31 - 1

/** @param sizes how many items a page has unless the query says so, and how many at most */
export function readSlice(query: z.output<typeof cursorQuery>, sizes: { usual: number; most: number }): Slice {
  const after = idIn(query.min_id) ?? idIn(query.since_id)
  const before = idIn(query.max_id)
  return {
    where: { id: { ...(before !== undefined && { lt: before }), ...(after !== undefined && { gt: after }) } },
    // Those next to `min_id`, not the newest of all that came since.
    orderBy: { id: idIn(query.min_id) === undefined ? 'desc' : 'asc' },
    take: limitIn(query.limit, sizes),
  }
}

function idIn(given: string | undefined): number | undefined {
  return given !== undefined && /^\d{1,15}$/.test(given) ? Math.min(Number(given), largestId) : undefined
}

function limitIn(given: string | undefined, { usual, most }: { usual: number; most: number }): number {
  const asked = given !== undefined && /^[+-]?\d{1,15}$/.test(given.trim()) ? Number(given) : usual
  // 0 is how clients ask for all there is.
  return asked === 0 ? most : Math.max(1, Math.min(asked, most))
}

/**
 * Puts a page into its order, and says in `Link` where the ones beside it are: in the one form that clients take apart
 * with naive code, and only if there is anything on this page.
 * @param url the request's path and query
 */
export function pageOf<Row extends { id: number | bigint }>(
  { publicUrl, url, slice, reply }: { publicUrl: string; url: string; slice: Slice; reply: FastifyReply },
  rows: Row[],
): Row[] {
  const newestFirst = slice.orderBy.id === 'asc' ? rows.toReversed() : rows
  const [first, last] = [newestFirst.at(0), newestFirst.at(-1)]
  if (first === undefined || last === undefined) return []
  const link = (cursor: 'max_id' | 'min_id', { id }: Row, rel: string) => {
    const target = new URL(publicUrl + url)
    for (const name of ['max_id', 'min_id', 'since_id']) target.searchParams.delete(name)
    target.searchParams.set(cursor, String(id))
    return `<${target.href}>; rel="${rel}"`
  }
  reply.header('link', `${link('max_id', last, 'next')}, ${link('min_id', first, 'prev')}`)
  return newestFirst
}

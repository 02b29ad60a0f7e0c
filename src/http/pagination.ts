import { z } from 'zod'
import { Problem } from '../lib/problem.ts'

const largestPage = 50

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value)

/** `?page=` and `?page_size=`; a size that makes no sense is the default, a page that makes none is refused later. */
export const pageQuery = z.object({
  page: z.preprocess(lastOf, z.string().optional()),
  page_size: z.preprocess(lastOf, z.string().optional()),
})

/** `{count, next, previous, results}`, as lists are answered. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    count: z.number().int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(item),
  })
}

export interface Page {
  /** From 1. */
  number: number
  size: number
  /** For the database. */
  skip: number
  take: number
}

/**
 * @param largest most items on a page, and the usual number
 * @throws Problem `not_found` for a page that is no number from 1
 */
export function readPage(query: z.output<typeof pageQuery>, { largest = largestPage } = {}): Page {
  const asked = /^\d+$/.test(query.page_size ?? '') ? Number(query.page_size) : 0
  const size = asked > 0 ? Math.min(asked, largest) : largest
  const text = query.page || '1'
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidPage()
  const number = Number(text)
  return { number, size, skip: (number - 1) * size, take: size }
}

/**
 * The answer for one page; links are absolute and keep the other parameters of the query.
 * @param url the request's path and query
 * @throws Problem `not_found` when the page is beyond the end
 */
export function representPage<Item>(
  { page, count, publicUrl, url }: { page: Page; count: number; publicUrl: string; url: string },
  results: Item[],
): { count: number; next: string | null; previous: string | null; results: Item[] } {
  if (page.number > 1 && page.skip >= count) throw invalidPage()
  const link = (number: number): string => {
    const target = new URL(publicUrl + url)
    if (number === 1) target.searchParams.delete('page')
    else target.searchParams.set('page', String(number))
    return target.href
  }
  return {
    count,
    next: page.skip + page.size < count ? link(page.number + 1) : null,
    previous: page.number > 1 ? link(page.number - 1) : null,
    results,
  }
}

function invalidPage(): Problem {
  return new Problem('not_found', 'Invalid page.')
}

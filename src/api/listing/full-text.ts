import { isInvalidSearch } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { Problem } from '../../lib/problem.ts'

const longestQuery = 500

/**
 * Turns what somebody looks for into a `tsquery`: every word begins a word of the text. Wholly in double quotes it is a
 * `tsquery` already. Undefined = it has no words, and finds nothing.
 * @throws Problem `malformed` when it is far too long
 */
export function readFullText(q: string): string | undefined {
  if (q.length > longestQuery) throw invalidQuery()
  const text = fold(q)
  if (/^".*"$/s.test(text) && text.length > 1) return text.slice(1, -1)
  const words = text
    .replace(/["&()!':\\]/g, '')
    .replace(/[-/\u2010-\u2027\u2030-\u205e«»·]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
  return words.length === 0 ? undefined : words.map((word) => `'${word}':*`).join(' & ')
}

/** As `search_text` of the database does with what is searched. */
function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
}

/** A condition on a column of lower-cased text that has an index for it. */
export function isFound(column: string, query: string): Prisma.Sql {
  const key = Prisma.raw(column)
  return Prisma.sql`to_tsvector('catalogue_search', search_text(${key})) @@ to_tsquery('catalogue_search', ${query})`
}

/**
 * Runs a search.
 * @throws Problem `malformed` when the `tsquery` makes no sense
 */
export async function searching<Found>(run: () => Promise<Found>): Promise<Found> {
  try {
    return await run()
  } catch (error) {
    throw isInvalidSearch(error) ? invalidQuery(error) : error
  }
}

function invalidQuery(cause?: unknown): Problem {
  return new Problem('malformed', 'Invalid query', { cause })
}

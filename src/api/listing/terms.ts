import { Problem } from '../../lib/problem.ts'

/** Each makes the statement longer, and planning it takes longer still. */
const mostTerms = 20

/**
 * The words of `q` outside of the full-text search; `"quoted words"` are one term.
 * @throws Problem `malformed` when there are far too many
 */
export function searchTerms(q: string | undefined): string[] {
  const found = (q ?? '').matchAll(/"([^"]*)"|([^\s"]+)/g)
  const terms = [...found].map(([, quoted, word]) => (quoted ?? word ?? '').trim()).filter((term) => term !== '')
  requireFew(terms, mostTerms)
  return terms
}

/** @throws Problem `malformed`: to leave some out would find what was not looked for */
export function requireFew(terms: readonly unknown[], most: number): void {
  if (terms.length > most) throw new Problem('malformed', 'Invalid query')
}

/** For LIKE and ILIKE: this text anywhere. */
export function patternOf(text: string): string {
  return `%${literally(text)}%`
}

/** The same for Prisma, which makes LIKE of `contains` without a look at the text: nothing in it stands for anything else. */
export function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

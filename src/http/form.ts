import { parse } from 'fast-querystring'
import { Problem } from '../lib/problem.ts'

/**
 * Reads application/x-www-form-urlencoded text (a body or a query string); a name that is given twice becomes a list.
 * @throws Problem `malformed` for a broken percent-encoding or one that is not UTF-8.
 */
export function parseForm(text: string): Record<string, unknown> {
  if (!isWellFormed(text)) throw new Problem('malformed', 'The form data is not valid percent-encoded UTF-8.')
  return parse(text)
}

/** Whether every `%` starts a valid escape and the bytes are UTF-8. */
export function isWellFormed(text: string): boolean {
  if (text.includes('\uFFFD')) return false
  if (!text.includes('%')) return true
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** For the router, where nothing may throw: what is broken is refused by `wellFormedQueries` once there is someone to answer. */
export function queryParser(text: string): Record<string, unknown> {
  return parse(text)
}

import { z } from 'zod'
import { notFound } from '../lib/problem.ts'

/** What an integer column holds. */
const largest = 2 ** 31 - 1

/** Undefined = no row can have this id. */
export function parseRowId(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined
  const id = Number(text)
  return id <= largest ? id : undefined
}

export const rowPath = z.object({ id: z.string() })

/** For what is named by a uuid, in whatever case. */
export const uuidPath = z.object({ uuid: z.string().toLowerCase() })

/**
 * The id that stands in a path.
 * @throws Problem `not_found`
 */
export function rowIdIn({ id }: z.output<typeof rowPath>): number {
  const found = parseRowId(id)
  if (found === undefined) throw notFound('row with such an id')
  return found
}

/** An id in a body: a number, or its digits as text. */
export const givenRowId = z.union([z.number(), z.string()]).transform((value, context) => {
  const id = parseRowId(String(value).trim())
  if (id !== undefined) return id
  const message = Number.isInteger(Number(value)) ? noSuchRow(value) : 'Incorrect type. Expected pk value.'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export function noSuchRow(id: unknown): string {
  return `Invalid pk "${String(id).slice(0, 50)}" - object does not exist.`
}

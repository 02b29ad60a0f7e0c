import { z } from 'zod'
import { findBodyOffence } from '../lib/text.ts'

const momentText = z.iso.datetime({ precision: 3 })

/** A moment: ISO 8601 in UTC with `Z` and fractional seconds on the wire, a `Date` in code, or that text already. */
export const moment = z.codec(momentText, z.union([z.date(), momentText]), {
  decode: (text) => new Date(text),
  encode: (date) => (typeof date === 'string' ? date : date.toISOString()),
})

export type Moment = z.output<typeof moment>

/** Whole UNIX seconds, as `iat`, `exp` (RFC 7662 §2.2) and `client_id_issued_at` (RFC 7591 §3.2.1) are given. */
export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

const yes = new Set<unknown>([true, 1, 'true', 'True', '1', 'on', 'yes', 't'])
const no = new Set<unknown>([false, 0, 'false', 'False', '0', 'off', 'no', 'f', ''])

/** Yes or no in a request, as JSON or as the text of a form. */
export const yesOrNo = z.unknown().transform((value, context) => {
  if (yes.has(value)) return true
  if (no.has(value)) return false
  context.addIssue({
    code: 'custom',
    message: value === undefined ? 'This field is required.' : 'Must be a valid boolean.',
  })
  return z.NEVER
})

/** A moment in a request: ISO 8601 with or without seconds; without an offset it counts as UTC. */
export const givenMoment = z.string().transform((text, context) => {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d.*)$/.exec(text) ?? []
  const isZoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text)
  const date = new Date(day !== undefined && isDay(day) ? `${day}T${time}${isZoned ? '' : 'Z'}` : Number.NaN)
  const year = date.getUTCFullYear()
  if (year >= 1900 && year <= 9998) return date
  context.addIssue({ code: 'custom', message: 'Datetime has wrong format. Use ISO 8601, like 2024-06-05T19:18:47Z.' })
  return z.NEVER
})

/** JavaScript reads February 31 as a day of March. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** An object in a request; in a form it comes as JSON text, and empty text is null. */
export function orJsonText<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value !== 'string') return value
    const parsed = parseJson(value)
    const offence = findBodyOffence(parsed)
    if (offence === undefined) return parsed
    context.addIssue({ code: 'custom', message: `This field contains ${offence.reason}.` })
    return z.NEVER
  }, schema)
}

function parseJson(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

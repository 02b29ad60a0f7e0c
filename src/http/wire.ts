import { z } from 'zod'
import { findBodyOffence } from '../lib/text.ts'

/** A moment: ISO 8601 in UTC with `Z` and fractional seconds on the wire, a `Date` in code. */
export const moment = z.codec(z.iso.datetime({ precision: 3 }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

const plainTexts = new WeakSet<z.core.$ZodType>()

/** What never holds a character that JSON escapes: ids, paths of this pod, times. It is written without a look. */
export function isPlainText(schema: z.core.$ZodType): boolean {
  return plainTexts.has(schema)
}

function plain<Schema extends z.ZodType<string>>(schema: Schema): Schema {
  plainTexts.add(schema)
  return schema
}

/** An id or address made by this pod, of characters that need no escapes in JSON. */
export const plainText = plain(z.string().refine((text) => JSON.stringify(text).length === text.length + 2))

/** A `moment` that is text in code too, by `writeMoment`: for what is listed by the hundred. */
export const writtenMoment = plain(z.iso.datetime({ precision: 3 }))

/** @param at a date, or PostgreSQL's JSON of one, with three digits of a second at most */
export function writeMoment(at: Date | string): string {
  if (typeof at !== 'string') return at.toISOString()
  if (!at.endsWith('+00:00')) return new Date(at).toISOString()
  const local = at.slice(0, -'+00:00'.length)
  const isWhole = local.length === 'YYYY-MM-DDThh:mm:ss'.length
  return `${`${local}${isWhole ? '.' : ''}000`.slice(0, 'YYYY-MM-DDThh:mm:ss.sss'.length)}Z`
}

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

import { z } from 'zod'

/** A moment: ISO 8601 in UTC with `Z` and fractional seconds on the wire, a `Date` in code. */
export const moment = z.codec(z.iso.datetime({ precision: 3 }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

/** Whole UNIX seconds, as `iat`, `exp` (RFC 7662 §2.2) and `client_id_issued_at` (RFC 7591 §3.2.1) are given. */
export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

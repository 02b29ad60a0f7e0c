import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import { Problem } from '../lib/problem.ts'

/** What is known of a file before it is opened. */
export interface Representation {
  /** Strong (RFC 9110 §8.8.1): as long as it stays the same, so does every byte. */
  etag: string
  lastModified: Date
  /** Bytes. */
  size: number
}

/** Both ends are included. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Writes status and headers of the answer to a request for a file or a part of it.
 * @returns what to send: nothing for 304 and HEAD
 * @throws Problem `precondition_failed`, `range_not_satisfiable`
 */
export function answerPart(request: FastifyRequest, reply: FastifyReply, file: Representation): ByteRange | undefined {
  const validators = { etag: file.etag, 'last-modified': file.lastModified.toUTCString() }
  requireMatch(request, validators)
  const range = isFresh(request, validators) ? 'not modified' : wantedRange(request, file, validators)
  reply.headers({ ...validators, 'accept-ranges': 'bytes' })
  if (range === 'not modified') {
    reply.code(304).removeHeader('content-type')
    return undefined
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 }
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${start}-${end}/${file.size}`)
  reply.header('content-length', end - start + 1)
  return request.method === 'HEAD' ? undefined : { start, end }
}

interface Validators {
  etag: string
  'last-modified': string
}

/** RFC 9110 §13.2.2, steps 1 and 2. */
function requireMatch({ headers }: FastifyRequest, { etag, 'last-modified': lastModified }: Validators): void {
  const wanted = headers['if-match']
  const unmodifiedSince = headers['if-unmodified-since']
  if (wanted !== undefined) {
    if (wanted.trim() !== '*' && !listed(wanted).includes(etag)) throw changed()
  } else if (unmodifiedSince !== undefined && Date.parse(lastModified) > Date.parse(unmodifiedSince)) throw changed()
}

/** Weak ones are left out: they say nothing about bytes. */
function listed(etags: string): string[] {
  return etags.match(/(?:W\/)?"[^"]*"/g)?.filter((etag) => !etag.startsWith('W/')) ?? []
}

/** Steps 3 and 4. */
function isFresh({ headers }: FastifyRequest, validators: Validators): boolean {
  return fresh(headers, { ...validators })
}

/** Step 5, and RFC 9110 §14.2: only GET has ranges. Several at once are answered with everything, as is what is no range. */
function wantedRange(
  { method, headers }: FastifyRequest,
  { size }: Representation,
  validators: Validators,
): ByteRange | undefined {
  const wanted = /^bytes *= *(\d{0,15}) *- *(\d{0,15})$/i.exec(headers.range?.trim() ?? '')
  if (method !== 'GET' || wanted === null || !mayHavePart(headers['if-range'], validators)) return undefined
  const [, first = '', last = ''] = wanted
  if (first === '' && last === '') return undefined
  if (first === '') return within({ start: Math.max(0, size - Number(last)), end: size - 1 }, size)
  if (last !== '' && Number(last) < Number(first)) return undefined
  return within({ start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }, size)
}

/** RFC 9110 §13.1.5: a date counts only when it is exactly the one that was given. */
function mayHavePart(ifRange: string | string[] | undefined, { etag, 'last-modified': lastModified }: Validators) {
  return ifRange === undefined || ifRange === etag || ifRange === lastModified
}

function within(range: ByteRange, size: number): ByteRange {
  if (range.start < size) return range
  throw new Problem('range_not_satisfiable', 'The file has no such part.', {
    headers: { 'content-range': `bytes */${size}` },
  })
}

function changed(): Problem {
  return new Problem('precondition_failed', 'The file is not the one that was expected.')
}

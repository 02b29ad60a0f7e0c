import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { invalidField, notFound, Problem } from '../lib/problem.ts'
import { findBodyOffence } from '../lib/text.ts'
import { isWellFormed, parseForm } from './form.ts'
import { throwing } from './hooks.ts'
import { countMembers } from './json-members.ts'
import { type FileTaker, multipartLimits, readMultipart } from './multipart.ts'
import { wholeBody } from './validation.ts'

/** No upload is meant where this holds. */
export const bodyLimitBytes = 64 * 1024

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bytes of a file that the route takes in a multipart body. */
    largestFile?: number
    /** Takes such a file elsewhere than into memory. It may take long to arrive. */
    takeFile?: (request: FastifyRequest) => Promise<FileTaker>
  }
}

/**
 * JSON, urlencoded and multipart bodies become the same plain object; a field that is given twice in a form becomes a list.
 * An empty body is an object without fields. Every other content type is 415.
 */
export const bodyParsers = fp(async (app: FastifyInstance) => {
  app.removeContentTypeParser(['text/plain', 'application/json'])
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    if (text.trim() === '') return done(null, {})
    if (text.includes('\uFFFD')) return done(malformed('The body is not valid UTF-8.'))
    parseJson(request, text, (error, value) =>
      done(error === null ? problemOfNames(text, value) : malformedJson(error), value),
    )
  })
  await app.register(formbody, { bodyLimit: bodyLimitBytes, parser: parseForm })
  await app.register(multipart, { limits: { ...multipartLimits, fieldSize: bodyLimitBytes, fileSize: bodyLimitBytes } })
  app.addContentTypeParser('*', (request, _payload, done) => done(unsupported(request), undefined))
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.isMultipart()) readParts(request).then(() => done(), done)
    else done()
  })
  app.addHook('preValidation', throwing(refuseUnstorable))
})

async function readParts(request: FastifyRequest): Promise<void> {
  const { largestFile, takeFile } = request.routeOptions.config
  const taker = await takeFile?.(request)
  request.body = await readMultipart(request, { longest: bodyLimitBytes, largestFile, taker })
}

/** Refuses what parsers of other makes could read in another way. */
export const wellFormedQueries = fp(async (app: FastifyInstance) => {
  app.addHook(
    'onRequest',
    throwing(({ url }) => {
      if (url.includes('?') && !isWellFormed(url.slice(url.indexOf('?') + 1))) {
        throw new Problem('malformed', 'The query string is not valid percent-encoded UTF-8.')
      }
    }),
  )
})

/** Where there is nothing, nothing is sent in the wrong type either; nor is a body that is empty, whatever its type. */
function unsupported({ is404, headers }: FastifyRequest): Problem | null {
  if (is404 || headers['content-length'] === '0') return null
  const type = (headers['content-type'] ?? '').slice(0, 100)
  return new Problem('unsupported_media_type', `Unsupported media type "${type}" in request.`)
}

/** JSON that names a field twice is read in one way here and in another elsewhere (RFC 8259 §4). */
function problemOfNames(text: string, value: unknown): Problem | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject || countMembers(text) === Object.keys(value).length) return null
  return malformed('A field is given more than once.')
}

function malformedJson(cause: Error): Problem {
  return new Problem('malformed', `JSON parse error - ${cause.message}`, { cause })
}

function malformed(message: string): Problem {
  return new Problem('malformed', message)
}

/** PostgreSQL stores no U+0000 and UTF-8 has no lone surrogates, so both are refused before anything else looks at them. */
function refuseUnstorable(request: FastifyRequest): void {
  // A request without a body has no fields.
  request.body ??= request.method === 'GET' || request.method === 'HEAD' ? undefined : {}
  if (findBodyOffence(request.params) !== undefined) throw notFound()
  for (const part of [request.query, request.body]) {
    const offence = findBodyOffence(part)
    if (offence !== undefined)
      throw invalidField(offence.path[0] ?? wholeBody, `This field contains ${offence.reason}.`)
  }
}

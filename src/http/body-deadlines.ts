import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** From the first byte of a request to the last, where the route takes large files; a silent connection ends sooner. */
export const longestUploadMs = 6 * 60 * 60 * 1000

/** The same where it takes none, after the headers: together they have a minute. */
const longestBodyMs = 35_000

/** With a picture in it. */
const longestPictureMs = 60_000

/** Whoever sends a small body slowly is let go, as Node does it for all requests alike. */
export const bodyDeadlines = fp(async (app: FastifyInstance) => {
  const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>()
  app.addHook('onRequest', (request, _reply, done) => {
    // Requests that tests inject have no socket.
    if (hasBody(request) && request.raw.socket instanceof Socket)
      deadlines.set(request.raw, limit(request, longestBodyMs))
    done()
  })
  // Those who may send a file are known by now: a refused one has no more time than any other body.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { takeFile, largestFile } = request.routeOptions.config
    const overdue = deadlines.get(request.raw)
    if (overdue !== undefined && (takeFile ?? largestFile) !== undefined) {
      clearTimeout(overdue)
      if (takeFile === undefined) limit(request, longestPictureMs)
    }
    done(null, payload)
  })
})

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function limit({ raw, server: { server } }: FastifyRequest, longestMs: number): NodeJS.Timeout {
  const overdue = setTimeout(() => {
    if (raw.complete) return
    const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    server.emit('clientError', error, raw.socket)
  }, longestMs).unref()
  raw.once('close', () => clearTimeout(overdue))
  return overdue
}

import { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** From the first byte of a request to the last, where the route takes large files; a silent connection ends sooner. */
export const longestUploadMs = 6 * 60 * 60 * 1000

/** The same where it takes none. */
const longestBodyMs = 60_000

/** Whoever sends a small body slowly is let go, as Node does it for all requests alike. */
export const bodyDeadlines = fp(async (app: FastifyInstance) => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (hasBody(request) && request.routeOptions.config.takeFile === undefined) limit(request)
    done()
  })
})

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function limit({ raw, server: { server } }: FastifyRequest): void {
  // Requests that tests inject have none.
  if (!(raw.socket instanceof Socket)) return
  const overdue = setTimeout(() => {
    if (raw.complete) return
    const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    server.emit('clientError', error, raw.socket)
  }, longestBodyMs).unref()
  raw.once('close', () => clearTimeout(overdue))
}

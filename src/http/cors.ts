import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { notFound } from '../lib/problem.ts'

const exposedHeaders = [
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'X-RateLimit-ResetSeconds'],
  ...['X-RateLimit-Scope', 'X-RateLimit-Duration', 'RateLimit', 'RateLimit-Policy', 'Retry-After'],
  ...['Location', 'Link', 'WWW-Authenticate', 'X-Request-Id'],
  // What players need to fetch audio in parts.
  ...['Accept-Ranges', 'Content-Range', 'Content-Length', 'Content-Disposition', 'ETag'],
].join(', ')

/** Any site may call with a token it holds; none may use the browser's cookies. */
const ofPreflights = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-max-age': '86400',
  'content-length': '0',
}

/** The API, its pictures and the endpoints clients call are open to every origin; pages and the authorization endpoint to none (RFC 9700 §2.6). */
export const crossOrigin = fp(async (app: FastifyInstance) => {
  app.addHook('onRequest', (request, reply, done) => {
    if (!isOpen(request)) return done()
    reply.raw.setHeader('access-control-allow-origin', '*')
    reply.raw.setHeader('access-control-expose-headers', exposedHeaders)
    if (request.method === 'OPTIONS') answerPreflight(request, reply)
    else done()
  })
  // Preflights of any path come to the hook; no other OPTIONS leads anywhere.
  app.options('*', async () => {
    throw notFound()
  })
})

function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): void {
  reply.code(204).headers(ofPreflights).header('vary', 'Access-Control-Request-Headers')
  const asked = headers['access-control-request-headers']
  if (asked !== undefined) reply.header('access-control-allow-headers', asked)
  reply.send()
}

function isOpen({ url, routeOptions }: FastifyRequest): boolean {
  // The route's spelling rather than the sent one, which may be percent-encoded; preflights and 404 have no such route.
  const path = routeOptions.url === undefined || routeOptions.url === '*' ? decoded(url) : routeOptions.url
  if (/^\/api\/v1\/oauth\/authorize\b/i.test(path)) return false
  return /^\/((api|\.well-known|media\/attachments)\/|oauth\/(token|revoke|userinfo)\/?(\?|$))/i.test(path)
}

/** As the router reads it. What cannot be read leads nowhere. */
function decoded(url: string): string {
  if (!url.includes('%')) return url
  try {
    return decodeURIComponent(url.replace(/\?.*/s, ''))
  } catch {
    return url
  }
}

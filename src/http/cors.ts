import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

const open: FastifyCorsOptions = {
  // Any site may call with a token it holds; none may use the browser's cookies.
  origin: '*',
  credentials: false,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  exposedHeaders: [
    ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'X-RateLimit-ResetSeconds'],
    ...['X-RateLimit-Scope', 'X-RateLimit-Duration', 'RateLimit', 'RateLimit-Policy', 'Retry-After'],
    ...['Location', 'Link', 'WWW-Authenticate', 'X-Request-Id'],
    // What players need to fetch audio in parts.
    ...['Accept-Ranges', 'Content-Range', 'Content-Length', 'Content-Disposition', 'ETag'],
  ],
  maxAge: 86_400,
  strictPreflight: false,
}

const closed: FastifyCorsOptions = { origin: false, strictPreflight: false }

/** The API and the endpoints clients call are open to every origin; pages and the authorization endpoint to none (RFC 9700 §2.6). */
export const crossOrigin = fp(async (app: FastifyInstance) => {
  await app.register(cors, {
    delegator: (request: FastifyRequest, done: (error: Error | null, options: FastifyCorsOptions) => void) =>
      done(null, isOpen(request) ? open : closed),
  })
})

function isOpen({ url, routeOptions }: FastifyRequest): boolean {
  // The route's spelling rather than the sent one, which may be percent-encoded; preflights and 404 have no such route.
  const path = routeOptions.url === undefined || routeOptions.url === '*' ? url : routeOptions.url
  if (/^\/api\/v1\/oauth\/authorize\b/i.test(path)) return false
  return /^\/((api|\.well-known)\/|oauth\/(token|revoke|userinfo)\/?(\?|$))/i.test(path)
}

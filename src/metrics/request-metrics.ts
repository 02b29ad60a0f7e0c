import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { oauthBody } from '../http/oauth-errors.ts'
import { Problem } from '../lib/problem.ts'
import type { Metrics } from './metrics.ts'

/** By what the wire calls them; what is none of these came from somebody who tries things. */
const grantTypes = new Map([
  ['authorization_code', 'authorization_code'],
  ['refresh_token', 'refresh_token'],
  ['client_credentials', 'client_credentials'],
  ['urn:ietf:params:oauth:grant-type:device_code', 'device_code'],
])

const oauthRoute = /^(\/api\/v1)?\/oauth\/(token|revoke|introspect|device_authorization|register)$/
const tokenRoute = /\/oauth\/token$/

/** Counts requests and what became of them. */
export const requestMetrics = fp(async (app: FastifyInstance, { metrics }: { metrics: Metrics }) => {
  app.addHook('onResponse', (request, reply, done) => {
    countAnswer(metrics, request, reply)
    done()
  })
  app.addHook('onError', (request, _reply, error, done) => {
    countRefusal(metrics, request, error)
    done()
  })
})

function countAnswer({ requests, durations, tokens }: Metrics, request: FastifyRequest, reply: FastifyReply): void {
  const { method } = request
  const route = routeOf(request)
  requests.inc({ method, route, status: reply.statusCode })
  durations.observe({ method, route }, reply.elapsedTime / 1000)
  if (reply.statusCode === 200 && method === 'POST' && tokenRoute.test(route)) {
    tokens.inc({ grant_type: grantTypeOf(request.body) })
  }
}

function countRefusal({ throttled, oauthErrors }: Metrics, request: FastifyRequest, error: unknown): void {
  const problem = error instanceof Problem ? error : undefined
  if (problem?.kind === 'throttled') throttled.inc({ scope: problem.headers['x-ratelimit-scope'] ?? 'other' })
  const route = routeOf(request)
  if (!oauthRoute.test(route)) return
  oauthErrors.inc({ route, error: problem === undefined ? 'server_error' : oauthBody(problem).error })
}

/** Its pattern, never the path that was asked for, of which there is no end. */
function routeOf({ routeOptions: { url } }: FastifyRequest): string {
  return url === undefined || url === '*' ? 'unknown' : url
}

function grantTypeOf(body: unknown): string {
  const given = typeof body === 'object' && body !== null && 'grant_type' in body ? body.grant_type : undefined
  return grantTypes.get(String(given)) ?? 'other'
}

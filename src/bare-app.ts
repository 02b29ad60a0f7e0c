import Fastify, { type FastifyServerOptions } from 'fastify'
import type { RequestLimiter } from './access/rate-limits/request-limiter.ts'
import { longestUploadMs } from './http/body-deadlines.ts'
import { bodyLimitBytes } from './http/body-parsers.ts'
import { answerClientError } from './http/client-errors.ts'
import { queryParser } from './http/form.ts'
import { requestIds } from './http/request-ids.ts'
import { RequestLog } from './http/request-log.ts'
import { serializerCompiler } from './http/serialization.ts'
import { type Dialects, dialectOf } from './http/unknown-routes.ts'
import { validatorCompiler } from './http/validation.ts'

interface BareAppOptions {
  logger: FastifyServerOptions['logger']
  trustedProxies: string[]
  limiter: RequestLimiter
  dialects: Dialects
  checkAnswers?: boolean
}

/** Fastify without a route: how much it takes from whom, and what it answers where no hook runs. */
export function bareApp({ logger = false, trustedProxies, limiter, dialects, checkAnswers = false }: BareAppOptions) {
  const app = Fastify({
    logger,
    logController: new RequestLog(),
    trustProxy: trustedProxies,
    bodyLimit: bodyLimitBytes,
    genReqId: requestIds({ fromProxy: trustedProxies.length > 0 }),
    requestTimeout: longestUploadMs,
    connectionTimeout: 60_000,
    keepAliveTimeout: 55_000,
    // Looked for every so often, so headers have half a minute at most.
    http: { headersTimeout: 20_000, connectionsCheckingInterval: 5_000, requireHostHeader: false },
    // User names may have 150 characters, and stand before a domain.
    routerOptions: { ignoreTrailingSlash: true, querystringParser: queryParser, maxParamLength: 410 },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, limiter.headersFor(socket.remoteAddress)),
    frameworkErrors: (error, request, reply) => {
      const refusal = limiter.limitUnrouted(request, reply.headers(headersOfErrors))
      dialectOf(request.url, dialects)(refusal ?? error, request, reply)
    },
    return503OnClosing: false,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler({ checking: checkAnswers }))
  return app
}

/** No hook has run that sets headers. */
const headersOfErrors = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

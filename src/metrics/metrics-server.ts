import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { digest } from '../lib/secrets.ts'
import type { Metrics } from './metrics.ts'

type MetricsConfig = Pick<Config, 'metricsHost' | 'metricsPort' | 'metricsToken'>

/**
 * Lets the metrics be read on an address of their own, so that no proxy can lead the public there.
 * @returns undefined when there is to be none
 */
export async function serveMetrics(metrics: Metrics, config: MetricsConfig): Promise<Server | undefined> {
  const { metricsHost: host, metricsPort: port, metricsToken: token } = config
  if (port === undefined) return undefined
  const server = createServer((request, response) => {
    answer(metrics, token, request, response).catch(() => response.destroy())
  })
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  return server.unref()
}

async function answer(
  { registry }: Metrics,
  token: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url?.split('?', 1)[0] !== '/metrics' || request.method !== 'GET') {
    response.writeHead(404).end()
    return
  }
  if (token !== undefined && !mayRead(request.headers.authorization, token)) {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
    return
  }
  const text = await registry.metrics()
  response.writeHead(200, { 'content-type': registry.contentType }).end(text)
}

/** Beside the pod's own routes, for whoever has the token. Before the guard, to which it is no token at all. */
export async function metricsRoute(app: FastifyInstance, options: { metrics: Metrics; token: string }): Promise<void> {
  const { registry } = options.metrics
  app.get(
    '/metrics',
    { config: { access: 'public', throttle: 'none' }, logLevel: 'warn' },
    async ({ headers }, reply) => {
      reply.header('cache-control', 'no-store').serializer(String)
      if (!mayRead(headers.authorization, options.token)) {
        return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain; charset=utf-8').send('')
      }
      return reply.type(registry.contentType).send(await registry.metrics())
    },
  )
}

/** Digests are compared: their time tells nothing of the token. */
function mayRead(authorization: string | undefined, token: string): boolean {
  const [, given] = /^bearer (\S{1,300})$/i.exec(authorization ?? '') ?? []
  return given !== undefined && Buffer.from(digest(given)).equals(digest(token))
}

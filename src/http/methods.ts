import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { Problem } from '../lib/problem.ts'

const answered = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Registers routes so that a known path refuses the methods it does not offer with 405 and `Allow` (RFC 9110 §15.5.6)
 * in its own surface's dialect.
 */
export async function registerWithMethods(app: FastifyInstance, routes: FastifyPluginAsync): Promise<void> {
  const offered = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = offered.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    offered.set(url, methods)
  })
  await app.register(routes)
  for (const [url, methods] of [...offered]) refuseOthers(app, url, methods)
}

function refuseOthers(app: FastifyInstance, url: string, offered: Set<string>): void {
  const allow = [...offered].join(', ')
  const missing = answered.filter((method) => !offered.has(method))
  if (missing.length === 0) return
  app.route({
    method: missing,
    url,
    config: { access: 'public', throttle: 'wildcard', refusal: true },
    handler: async (request) => {
      throw new Problem('method_not_allowed', `Method "${request.method}" not allowed.`, { headers: { allow } })
    },
  })
}

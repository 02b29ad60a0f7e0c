import type { Routes } from '../services.ts'
import { makeNodeinfo20, makeNodeinfo21 } from './documents.ts'
import { nodeinfo20, nodeinfo21, nodeinfoLinks } from './schemas.ts'
import { readSoftware } from './software.ts'
import { usageCounter } from './usage.ts'

const namespace = 'http://nodeinfo.diaspora.software/ns/schema'

/** Both documents are sent with the same profile, as clients have it from Funkwhale. */
const contentType = `application/json; profile=${namespace}/2.0#; charset=utf-8`

/** What the pod is, for clients and for those who count pods (nodeinfo.diaspora.software). */
export const nodeinfoRoutes: Routes = async (app, { services }) => {
  const { config, csrf, db } = services
  const software = readSoftware()
  const usage = usageCounter(db)

  app.get(
    '/.well-known/nodeinfo',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'Where the NodeInfo documents are', response: { 200: nodeinfoLinks } },
    },
    async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send({
        links: [
          { rel: `${namespace}/2.0`, href: `${config.publicUrl}/api/v1/instance/nodeinfo/2.0/` },
          { rel: `${namespace}/2.1`, href: `${config.publicUrl}/api/v2/instance/nodeinfo/2.1/` },
        ],
      }),
  )

  app.get(
    '/api/v1/instance/nodeinfo/2.0',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'NodeInfo 2.0', response: { 200: nodeinfo20 } },
    },
    async (request, reply) => {
      // Funkwhale's web client asks for this first, and logs in with the cookie that comes with it.
      csrf.tokenFor(request, reply)
      const document = makeNodeinfo20(services, software, await usage())
      return reply.header('content-type', contentType).header('cache-control', 'private, no-store').send(document)
    },
  )

  app.get(
    '/api/v2/instance/nodeinfo/2.1',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'NodeInfo 2.1', response: { 200: nodeinfo21 } },
    },
    async (request, reply) => {
      csrf.tokenFor(request, reply)
      const document = makeNodeinfo21(services, software, await usage())
      return reply.header('content-type', contentType).header('cache-control', 'private, no-store').send(document)
    },
  )
}

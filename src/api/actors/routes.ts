import { z } from 'zod'
import { pageOf, pageQuery, readPage, representPage } from '../../http/pagination.ts'
import type { Routes } from '../../services.ts'
import { showActor } from './actors.ts'
import { actorDetail } from './schemas.ts'

const actorPath = z.object({ full_username: z.string() })

/** /api/v1/federation/actors */
export const actorRoutes: Routes = async (app, { services: { db, config } }) => {
  app.get(
    '/:full_username',
    {
      config: { access: 'reader', throttle: 'retrieve' },
      schema: { summary: 'Show who a user is', params: actorPath, response: { 200: actorDetail } },
    },
    async (request) => showActor(db, request.params.full_username, config.publicUrl),
  )
}

const domain = z.object({ name: z.string() })

/** /api/v1/federation/domains: a pod that does not federate knows no others. */
export const domainRoutes: Routes = async (app, { services: { config } }) => {
  app.get(
    '/',
    {
      config: { access: 'reader', throttle: 'list' },
      schema: {
        summary: 'List other pods that this one knows: none',
        querystring: pageQuery,
        response: { 200: pageOf(domain) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      return representPage({ page, count: 0, publicUrl: config.publicUrl, url: request.url }, [])
    },
  )
}

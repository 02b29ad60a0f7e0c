import { z } from 'zod'
import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import type { Routes } from '../../services.ts'
import { tag } from './schemas.ts'
import { findTag, listTags, representTag, tagQuery } from './tags.ts'

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/tags */
export const tagRoutes: Routes = async (app, { services }) => {
  const { publicUrl } = services.config

  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List tags', querystring: tagQuery, response: { 200: pageOf(tag) } },
    },
    async (request) => {
      const page = readPage(request.query)
      const { count, tags } = await listTags(services, request.query, page)
      return representPage({ page, count, publicUrl, url: request.url }, tags.map(representTag))
    },
  )

  app.get(
    '/:name',
    {
      config: { access, throttle: 'retrieve' },
      schema: { summary: 'Show a tag', params: z.object({ name: z.string() }), response: { 200: tag } },
    },
    async (request) => representTag(await findTag(services.db, request.params.name)),
  )
}

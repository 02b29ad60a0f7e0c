import { z } from 'zod'
import type { Routes } from '../../services.ts'

/** What the API is, for programs (OpenAPI 3.1); and where Funkwhale has its explorer. */
export const descriptionRoutes: Routes = async (app) => {
  const config = { access: 'public', throttle: 'wildcard' } as const

  app.get(
    '/api/openapi.json',
    {
      config,
      schema: { summary: 'This description, as JSON', response: { 200: z.looseObject({ openapi: z.string() }) } },
    },
    async (_request, reply) =>
      reply
        .type('application/json; charset=utf-8')
        .serializer(String)
        .send(JSON.stringify(app.swagger()) as never),
  )

  app.get('/api/openapi.yaml', { config, schema: { summary: 'This description, as YAML' } }, async (_request, reply) =>
    reply.type('application/yaml; charset=utf-8').send(app.swagger({ yaml: true })),
  )

  app.get('/swagger', { config }, async (_request, reply) => reply.redirect('/api/docs', 301))
}

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { pageOf, pageQuery, readPage, representPage } from '../../http/pagination.ts'
import { rowIdIn, rowPath, uuidPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { findActorId } from '../actors/actors.ts'
import { viewerOf } from '../viewer.ts'
import { type Holding, listHolding, requireInCatalogue, showVisibleLibrary } from './public-libraries.ts'
import { publicLibrary, scan } from './schemas.ts'

const actorPath = z.object({ full_username: z.string() })
const listed = { config: { access: { scope: 'read:libraries', anonymous: 'setting' }, throttle: 'wildcard' } } as const

/** /api/v1: which libraries have something, and libraries as others see them. */
export const publicLibraryRoutes: Routes = async (app, { services: { db, counts, config } }) => {
  const { publicUrl } = config
  const looking = (request: FastifyRequest) => ({ publicUrl, viewer: viewerOf(request) })

  async function list(request: FastifyRequest, kind: Holding, id: number) {
    const page = readPage(request.query as z.output<typeof pageQuery>)
    const { count, results } = await listHolding({ db, counts }, looking(request), { kind, id, page })
    return representPage({ page, count, publicUrl, url: request.url }, results)
  }

  for (const kind of ['artists', 'albums', 'tracks'] as const) {
    app.get(
      `/${kind}/:id/libraries`,
      {
        ...listed,
        schema: {
          summary: `List libraries that have something of one of the ${kind}`,
          params: rowPath,
          querystring: pageQuery,
          response: { 200: pageOf(publicLibrary) },
        },
      },
      async (request) => {
        const id = rowIdIn(request.params)
        await requireInCatalogue(db, kind, id)
        return list(request, kind, id)
      },
    )
  }

  app.get(
    '/federation/actors/:full_username/libraries',
    {
      ...listed,
      schema: {
        summary: 'List a user’s libraries that have something to play',
        params: actorPath,
        querystring: pageQuery,
        response: { 200: pageOf(publicLibrary) },
      },
    },
    async (request) => list(request, 'actors', await findActorId(db, request.params.full_username, publicUrl)),
  )

  app.get(
    '/federation/libraries/:uuid',
    {
      config: { access: { scope: 'read:libraries' }, throttle: 'retrieve' },
      schema: {
        summary: 'Show a library you may play from',
        params: uuidPath,
        response: { 200: publicLibrary },
      },
    },
    async (request) => showVisibleLibrary(db, looking(request), request.params.uuid),
  )

  app.post(
    '/federation/libraries/:uuid/scan',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'wildcard' },
      schema: {
        summary: 'Look for news in a library, which one of this pod never needs',
        params: uuidPath,
        response: { 200: scan },
      },
    },
    async (request) => {
      await showVisibleLibrary(db, looking(request), request.params.uuid)
      return { status: 'skipped' as const }
    },
  )
}

import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import { parseRowId, rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { trackEvent } from '../listeners/schemas.ts'
import { viewerOf } from '../viewer.ts'
import { addFavorite, deleteFavorite, listFavorites, listOwnFavorites, removeFavorite } from './favorites.ts'
import { addedFavorite, favoriteQuery, newFavorite, ownFavorites, removedFavorite } from './schemas.ts'

/** /api/v1/favorites/tracks */
export const favoriteRoutes: Routes = async (app, { services: { db, counts, config } }) => {
  const { publicUrl } = config

  app.get(
    '/',
    {
      config: { access: { scope: 'read:favorites', anonymous: 'setting' }, throttle: 'list' },
      schema: {
        summary: 'List favorites of everybody who shows them',
        querystring: favoriteQuery,
        response: { 200: pageOf(trackEvent) },
      },
    },
    async (request) => {
      const [looking, page] = [{ publicUrl, viewer: viewerOf(request) }, readPage(request.query)]
      const { count, results } = await listFavorites({ db, counts }, looking, { query: request.query, page })
      return representPage({ page, count, publicUrl, url: request.url }, results)
    },
  )

  app.post(
    '/',
    {
      config: { access: { scope: 'write:favorites' }, throttle: 'create' },
      schema: { summary: 'Make a track your favorite', body: newFavorite, response: { 201: addedFavorite } },
    },
    async (request, reply) => {
      const row = await addFavorite(db, { userId: userOf(request).userId, trackId: request.body.track })
      return reply.code(201).send({ id: row.id, track: row.trackId, creation_date: row.createdAt })
    },
  )

  app.get(
    '/all',
    {
      config: { access: { scope: 'read:favorites' }, throttle: 'wildcard' },
      schema: { summary: 'List the ids of all your favorites', response: { 200: ownFavorites } },
    },
    async (request) => {
      const rows = await listOwnFavorites(db, userOf(request).userId)
      return { results: rows.map(({ id, trackId }) => ({ id, track: trackId })), count: rows.length }
    },
  )

  app.route({
    method: ['POST', 'DELETE'],
    url: '/remove',
    config: { access: { scope: 'write:favorites' }, throttle: 'wildcard' },
    schema: {
      summary: 'Remove a track from your favorites',
      body: removedFavorite,
      response: { 204: z.undefined() },
    },
    handler: async (request, reply) => {
      const { track } = request.body as z.output<typeof removedFavorite>
      await removeFavorite(db, { userId: userOf(request).userId, trackId: parseRowId(String(track)) })
      return reply.code(204).send()
    },
  })

  app.delete(
    '/:id',
    {
      config: { access: { scope: 'write:favorites' }, throttle: 'destroy' },
      schema: { summary: 'Delete your favorite', params: rowPath, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await deleteFavorite(db, { id: rowIdIn(request.params), userId: userOf(request).userId })
      return reply.code(204).send()
    },
  )
}

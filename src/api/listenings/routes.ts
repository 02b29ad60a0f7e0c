import { userOf } from '../../access/principal.ts'
import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { trackEvent } from '../listeners/schemas.ts'
import { viewerOf } from '../viewer.ts'
import { addListening, listListenings, showListening } from './listenings.ts'
import { addedListening, listeningQuery, newListening } from './schemas.ts'

/** /api/v1/history/listenings */
export const listeningRoutes: Routes = async (app, { services: { db, counts, config } }) => {
  const { publicUrl } = config

  app.get(
    '/',
    {
      config: { access: { scope: 'read:listenings', anonymous: 'setting' }, throttle: 'list' },
      schema: {
        summary: 'List listenings of everybody who shows them',
        querystring: listeningQuery,
        response: { 200: pageOf(trackEvent) },
      },
    },
    async (request) => {
      const [looking, page] = [{ publicUrl, viewer: viewerOf(request) }, readPage(request.query)]
      const { count, results } = await listListenings({ db, counts }, looking, { query: request.query, page })
      return representPage({ page, count, publicUrl, url: request.url }, results)
    },
  )

  app.get(
    '/:id',
    {
      config: { access: { scope: 'read:listenings', anonymous: 'setting' }, throttle: 'retrieve' },
      schema: { summary: 'Show a listening', params: rowPath, response: { 200: trackEvent } },
    },
    async (request) => showListening(db, { publicUrl, viewer: viewerOf(request) }, rowIdIn(request.params)),
  )

  app.post(
    '/',
    {
      config: { access: { scope: 'write:listenings' }, throttle: 'create' },
      schema: { summary: 'Note that you listened to a track', body: newListening, response: { 201: addedListening } },
    },
    async (request, reply) => {
      const { track: trackId, creation_date: at } = request.body
      const row = await addListening(db, { userId: userOf(request).userId, trackId, at })
      return reply.code(201).send({ id: row.id, user: row.userId, track: row.trackId, creation_date: row.createdAt })
    },
  )
}

import { userOf } from '../../access/principal.ts'
import type { Routes } from '../../services.ts'
import { addListening } from './listenings.ts'
import { addedListening, newListening } from './schemas.ts'

/** /api/v1/history/listenings */
export const listeningRoutes: Routes = async (app, { services: { db } }) => {
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

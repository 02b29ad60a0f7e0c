import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { viewerOf } from '../viewer.ts'
import { loadPlaylist } from './load.ts'
import { changePlaylist, createPlaylist, deletePlaylist } from './playlists.ts'
import { newPlaylist, playlist, playlistChanges } from './schemas.ts'

/** /api/v1/playlists */
export const playlistRoutes: Routes = async (app, { services: { db, config } }) => {
  const looking = (request: FastifyRequest) => ({ publicUrl: config.publicUrl, viewer: viewerOf(request) })

  app.post(
    '/',
    {
      config: { access: { scope: 'write:playlists' }, throttle: 'create' },
      schema: { summary: 'Create a playlist', body: newPlaylist, response: { 201: playlist } },
    },
    async (request, reply) => {
      const { name, privacy_level: privacyLevel } = request.body
      const id = await createPlaylist(db, { userId: userOf(request).userId, name, privacyLevel })
      return reply.code(201).send(await loadPlaylist(db, looking(request), id))
    },
  )

  app.get(
    '/:id',
    {
      config: { access: { scope: 'read:playlists', anonymous: 'setting' }, throttle: 'retrieve' },
      schema: { summary: 'Show a playlist', params: rowPath, response: { 200: playlist } },
    },
    async (request) => loadPlaylist(db, looking(request), rowIdIn(request.params)),
  )

  for (const [method, body] of [['PATCH', playlistChanges] as const, ['PUT', newPlaylist] as const]) {
    app.route({
      method,
      url: '/:id',
      config: { access: { scope: 'write:playlists' }, throttle: 'update' },
      schema: { summary: 'Change your playlist', params: rowPath, body, response: { 200: playlist } },
      handler: async (request) => {
        const own = { id: rowIdIn(request.params), userId: userOf(request).userId }
        const { name, privacy_level: privacyLevel } = request.body as z.output<typeof playlistChanges>
        await changePlaylist(db, own, { name, privacyLevel })
        return loadPlaylist(db, looking(request), own.id)
      },
    })
  }

  app.delete(
    '/:id',
    {
      config: { access: { scope: 'write:playlists' }, throttle: 'destroy' },
      schema: { summary: 'Delete your playlist', params: rowPath, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await deletePlaylist(db, { id: rowIdIn(request.params), userId: userOf(request).userId })
      return reply.code(204).send()
    },
  )
}

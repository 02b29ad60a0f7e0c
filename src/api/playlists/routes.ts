import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import { refuseInvalid } from '../../http/validation.ts'
import type { Routes } from '../../services.ts'
import { viewerOf } from '../viewer.ts'
import { listPlaylists } from './list.ts'
import { loadPlaylist } from './load.ts'
import { changePlaylist, createPlaylist, deletePlaylist, requireOwnPlaylist } from './playlists.ts'
import { newPlaylist, playlist, playlistChanges, playlistQuery } from './schemas.ts'

/** /api/v1/playlists */
export const playlistRoutes: Routes = async (app, { services: { db, counts, config } }) => {
  const looking = (request: FastifyRequest) => ({ publicUrl: config.publicUrl, viewer: viewerOf(request) })

  app.get(
    '/',
    {
      config: { access: { scope: 'read:playlists', anonymous: 'setting' }, throttle: 'list' },
      schema: {
        summary: 'List playlists of everybody who shows them',
        querystring: playlistQuery,
        response: { 200: pageOf(playlist) },
      },
    },
    async (request) => {
      const { query, url } = request
      const page = readPage(query)
      const { count, results } = await listPlaylists({ db, counts }, looking(request), { query, page })
      return representPage({ page, count, publicUrl: config.publicUrl, url }, results)
    },
  )

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
      attachValidation: true,
      handler: async (request) => {
        const own = { id: rowIdIn(request.params), userId: userOf(request).userId }
        await refuseInvalid(request, () => requireOwnPlaylist(db, own))
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

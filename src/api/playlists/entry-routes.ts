import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import { refuseInvalid } from '../../http/validation.ts'
import type { Routes } from '../../services.ts'
import { viewerOf } from '../viewer.ts'
import { addTracks, clearEntries, moveEntry, type Own, removeEntry } from './entries.ts'
import { listEntries, loadEntries } from './load-entries.ts'
import { requireOwnPlaylist } from './playlists.ts'
import { movedEntry, newEntries, playlistTracks, readPosition, removedEntry } from './schemas.ts'

const change = { access: { scope: 'write:playlists' }, throttle: 'wildcard' } as const
const noBody = { 204: z.undefined() }

/** /api/v1/playlists/<id>: what is in a playlist. */
export const entryRoutes: Routes = async (app, { services: { db, config, settings } }) => {
  const looking = (request: FastifyRequest) => ({ publicUrl: config.publicUrl, viewer: viewerOf(request) })
  const ownIn = (request: FastifyRequest): Own => ({
    id: rowIdIn(request.params as z.output<typeof rowPath>),
    userId: userOf(request).userId,
  })

  app.get(
    '/:id/tracks',
    {
      config: { access: { scope: 'read:playlists', anonymous: 'setting' }, throttle: 'wildcard' },
      schema: { summary: 'List a playlist’s tracks', params: rowPath, response: { 200: playlistTracks } },
    },
    async (request) => listEntries(db, looking(request), rowIdIn(request.params)),
  )

  app.post(
    '/:id/add',
    {
      config: change,
      schema: {
        summary: 'Add tracks to the end of your playlist',
        params: rowPath,
        body: newEntries,
        response: { 201: playlistTracks },
      },
      attachValidation: true,
    },
    async (request, reply) => {
      const own = ownIn(request)
      await refuseInvalid(request, () => requireOwnPlaylist(db, own))
      const { tracks: trackIds, allow_duplicates: allowDuplicates = false } = request.body
      const mostTracks = settings.get('playlists__max_tracks')
      const rows = await addTracks(db, own, { trackIds, allowDuplicates, mostTracks })
      return reply.code(201).send(await loadEntries(db, looking(request), rows))
    },
  )

  app.route({
    method: ['POST', 'DELETE'],
    url: '/:id/remove',
    config: change,
    schema: { summary: 'Remove an entry of your playlist', params: rowPath, body: removedEntry, response: noBody },
    handler: async (request, reply) => {
      const own = ownIn(request)
      await requireOwnPlaylist(db, own)
      const { index } = request.body as z.output<typeof removedEntry>
      await removeEntry(db, own, readPosition('index', index))
      return reply.code(204).send()
    },
  })

  app.post(
    '/:id/move',
    {
      config: change,
      schema: { summary: 'Move an entry of your playlist', params: rowPath, body: movedEntry, response: noBody },
    },
    async (request, reply) => {
      const own = ownIn(request)
      await requireOwnPlaylist(db, own)
      const { from, to } = request.body
      await moveEntry(db, own, { from: readPosition('from', from), to: readPosition('to', to) })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/:id/clear',
    { config: change, schema: { summary: 'Empty your playlist', params: rowPath, response: noBody } },
    async (request, reply) => {
      await clearEntries(db, ownIn(request))
      return reply.code(204).send()
    },
  )
}

import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { inOrder } from '../listing/list-ids.ts'
import { viewerOf } from '../viewer.ts'
import { loadTracks } from './load.ts'
import { track, trackDetail } from './schemas.ts'
import { findTrack, listTracks, trackQuery } from './tracks.ts'

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/tracks */
export const trackRoutes: Routes = async (app, { services }) => {
  const { db, config } = services
  const { publicUrl } = config

  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List tracks', querystring: trackQuery, response: { 200: pageOf(track) } },
    },
    async (request) => {
      const page = readPage(request.query)
      const viewer = viewerOf(request)
      const { count, ids } = await listTracks(services, viewer, request.query, page)
      const tracks = await loadTracks(db, publicUrl, viewer, ids)
      return representPage({ page, count, publicUrl, url: request.url }, inOrder(ids, tracks))
    },
  )

  app.get(
    '/:id',
    {
      config: { access, throttle: 'retrieve' },
      schema: { summary: 'Show a track', params: rowPath, response: { 200: trackDetail } },
    },
    async (request) => findTrack(services, viewerOf(request), rowIdIn(request.params)),
  )
}

import { pageOf } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { answerList } from '../catalogue/answer-list.ts'
import { viewerOf } from '../viewer.ts'
import { loadTracks } from './load.ts'
import { track, trackDetail } from './schemas.ts'
import { findTrack, listTracks, trackQuery } from './tracks.ts'

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/tracks */
export const trackRoutes: Routes = async (app, { services }) => {
  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List tracks', querystring: trackQuery, response: { 200: pageOf(track) } },
    },
    async (request) => answerList(services, request, { list: listTracks, load: loadTracks }),
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

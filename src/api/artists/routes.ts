import { pageOf } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { answerList } from '../catalogue/answer-list.ts'
import { viewerOf } from '../viewer.ts'
import { artistQuery, findArtist, listArtists } from './artists.ts'
import { loadArtists } from './load.ts'
import { artist, artistDetail } from './schemas.ts'

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/artists */
export const artistRoutes: Routes = async (app, { services }) => {
  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List artists', querystring: artistQuery, response: { 200: pageOf(artist) } },
    },
    async (request) => answerList(services, request, { list: listArtists, load: loadArtists }),
  )

  app.get(
    '/:id',
    {
      config: { access, throttle: 'retrieve' },
      schema: { summary: 'Show an artist', params: rowPath, response: { 200: artistDetail } },
    },
    async (request) => findArtist(services, viewerOf(request), rowIdIn(request.params)),
  )
}

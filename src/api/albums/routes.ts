import { pageOf } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { answerList } from '../catalogue/answer-list.ts'
import { viewerOf } from '../viewer.ts'
import { albumQuery, findAlbum, listAlbums } from './albums.ts'
import { loadAlbums } from './load.ts'
import { album, albumDetail } from './schemas.ts'

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/albums */
export const albumRoutes: Routes = async (app, { services }) => {
  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List albums', querystring: albumQuery, response: { 200: pageOf(album) } },
    },
    async (request) => answerList(services, request, { list: listAlbums, load: loadAlbums }),
  )

  app.get(
    '/:id',
    {
      config: { access, throttle: 'retrieve' },
      schema: { summary: 'Show an album', params: rowPath, response: { 200: albumDetail } },
    },
    async (request) => findAlbum(services, viewerOf(request), rowIdIn(request.params)),
  )
}

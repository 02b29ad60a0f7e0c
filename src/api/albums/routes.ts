import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { inOrder } from '../listing/list-ids.ts'
import { viewerOf } from '../viewer.ts'
import { albumQuery, findAlbum, listAlbums } from './albums.ts'
import { loadAlbums } from './load.ts'
import { album, albumDetail } from './schemas.ts'

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/albums */
export const albumRoutes: Routes = async (app, { services }) => {
  const { db, config } = services
  const { publicUrl } = config

  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List albums', querystring: albumQuery, response: { 200: pageOf(album) } },
    },
    async (request) => {
      const page = readPage(request.query)
      const viewer = viewerOf(request)
      const { count, ids } = await listAlbums(services, viewer, request.query, page)
      const albums = await loadAlbums(db, publicUrl, viewer, ids)
      return representPage({ page, count, publicUrl, url: request.url }, inOrder(ids, albums))
    },
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

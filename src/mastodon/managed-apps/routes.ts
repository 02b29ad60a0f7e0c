import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { noStore } from '../../http/oauth-errors.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { cursorQuery, pageOf, readSlice } from '../paging.ts'
import { deleteManagedApp, findManagedApp, listManagedApps } from './managed-apps.ts'
import { managedApp, representManagedApp } from './representation.ts'

const sizes = { usual: 20, most: 80 }

/** /api/v1/apps: the ones that belong to who is calling. */
export const managedAppRoutes: Routes = async (app, { services: { db, config, trail } }) => {
  app.get(
    '/',
    {
      config: { access: { scope: 'read:applications' }, throttle: 'list' },
      schema: { summary: 'List your own apps', querystring: cursorQuery, response: { 200: z.array(managedApp) } },
    },
    async (request, reply) => {
      const slice = readSlice(request.query, sizes)
      const rows = await listManagedApps(db, userOf(request).userId, slice)
      const page = pageOf({ publicUrl: config.publicUrl, url: request.url, slice, reply }, rows)
      return noStore(reply).send(page.map(representManagedApp))
    },
  )

  app.get(
    '/:id',
    {
      config: { access: { scope: 'read:applications' }, throttle: 'retrieve' },
      schema: { summary: 'Show one of your apps', params: rowPath, response: { 200: managedApp } },
    },
    async (request, reply) => {
      const found = await findManagedApp(db, userOf(request).userId, rowIdIn(request.params))
      return noStore(reply).send(representManagedApp(found))
    },
  )

  app.delete(
    '/:id',
    {
      config: { access: { scope: 'write:applications' }, throttle: 'destroy' },
      schema: { summary: 'Delete your app with all its tokens', params: rowPath, response: { 200: managedApp } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      const deleted = await deleteManagedApp(db, userId, rowIdIn(request.params))
      trail.record(request, { userId, kind: 'client-deleted', client: deleted.name })
      return noStore(reply).send(representManagedApp(deleted))
    },
  )
}

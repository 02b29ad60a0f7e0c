import { z } from 'zod'
import { rowPath } from '../../http/row-ids.ts'
import { notFound } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { cursorQuery } from '../paging.ts'
import { notification } from './schemas.ts'

/** /api/v1/notifications. Nothing that people can do here concerns another yet, so there is nothing to tell. */
export const notificationRoutes: Routes = async (app) => {
  app.get(
    '/',
    {
      config: { access: { scope: 'read:notifications' }, throttle: 'list' },
      schema: { summary: 'List what happened', querystring: cursorQuery, response: { 200: z.array(notification) } },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send([]),
  )

  app.get(
    '/:id',
    {
      config: { access: { scope: 'read:notifications' }, throttle: 'retrieve' },
      schema: { summary: 'Show what happened', params: rowPath, response: { 200: notification } },
    },
    async () => {
      throw notFound('notification')
    },
  )

  app.post(
    '/clear',
    {
      config: { access: { scope: 'write:notifications' }, throttle: 'destroy' },
      schema: { summary: 'Forget what happened', response: { 200: z.object({}) } },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send({}),
  )
}

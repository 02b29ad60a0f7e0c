import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { noStore } from '../../http/oauth-errors.ts'
import { rowIdIn, rowPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { cursorQuery, pageOf, readSlice } from '../paging.ts'
import { representToken } from './representation.ts'
import { tokenInfo } from './schemas.ts'
import { findToken, invalidateToken, listTokens } from './tokens.ts'

const sizes = { usual: 25, most: 100 }

/**
 * /api/v1/tokens: who can act for the user. No app may look: which others somebody has is none of its business.
 */
export const userTokenRoutes: Routes = async (app, { services: { db, config, trail, usage } }) => {
  app.get(
    '/',
    {
      config: { access: { scope: 'read:security' }, throttle: 'list' },
      schema: { summary: 'List your tokens', querystring: cursorQuery, response: { 200: z.array(tokenInfo) } },
    },
    async (request, reply) => {
      await usage.flush()
      const slice = readSlice(request.query, sizes)
      const rows = await listTokens(db, userOf(request).userId, slice)
      const page = pageOf({ publicUrl: config.publicUrl, url: request.url, slice, reply }, rows)
      return noStore(reply).send(page.map(representToken))
    },
  )

  app.get(
    '/:id',
    {
      config: { access: { scope: 'read:security' }, throttle: 'retrieve' },
      schema: { summary: 'Show one of your tokens', params: rowPath, response: { 200: tokenInfo } },
    },
    async (request, reply) => {
      const found = await findToken(db, userOf(request).userId, rowIdIn(request.params))
      return noStore(reply).send(representToken(found))
    },
  )

  app.post(
    '/:id/invalidate',
    {
      config: { access: { scope: 'write:security' }, throttle: 'destroy' },
      schema: { summary: 'End one of your tokens', params: rowPath, response: { 200: tokenInfo } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      const ended = await invalidateToken(db, userId, rowIdIn(request.params))
      trail.record(request, { userId, kind: 'access-revoked', client: ended.client.name })
      return noStore(reply).send(representToken(ended))
    },
  )
}

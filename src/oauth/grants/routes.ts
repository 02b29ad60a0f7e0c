import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { noStore } from '../../http/oauth-errors.ts'
import { moment } from '../../http/wire.ts'
import type { Routes } from '../../services.ts'
import { representClient } from '../clients/representation.ts'
import { clientPath, publicClient } from '../clients/schemas.ts'
import { findGrant, type GrantWithUse, listGrants, revokeGrant } from './grants.ts'

const grant = publicClient.extend({
  granted_scopes: z.string(),
  granted_at: moment,
  last_used_at: moment.nullable(),
})

/** /api/v1/oauth/grants: what the user has allowed which clients. */
export const grantRoutes: Routes = async (app, { services: { db, trail } }) => {
  app.get(
    '/',
    {
      config: { access: { scope: 'read:security' }, throttle: 'list' },
      schema: { summary: 'List the clients you have allowed something', response: { 200: z.array(grant) } },
    },
    async (request, reply) => {
      const grants = await listGrants(db, userOf(request).userId)
      return noStore(reply).send(grants.map(representGrant))
    },
  )

  app.get(
    '/:client_id',
    {
      config: { access: { scope: 'read:security' }, throttle: 'retrieve' },
      schema: { summary: 'Show what you have allowed one client', params: clientPath, response: { 200: grant } },
    },
    async (request, reply) => {
      const found = await findGrant(db, userOf(request).userId, request.params.client_id)
      return noStore(reply).send(representGrant(found))
    },
  )

  app.delete(
    '/:client_id',
    {
      config: { access: { scope: 'write:security' }, throttle: 'destroy' },
      schema: { summary: 'Take back what you allowed', params: clientPath, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      const client = await revokeGrant(db, userId, request.params.client_id)
      trail.record(request, { userId, kind: 'access-revoked', client })
      return reply.code(204).send()
    },
  )
}

function representGrant(row: GrantWithUse): z.output<typeof grant> {
  return {
    ...representClient(row.client),
    granted_scopes: row.scopes.join(' '),
    granted_at: row.createdAt,
    last_used_at: row.lastUsedAt,
  }
}

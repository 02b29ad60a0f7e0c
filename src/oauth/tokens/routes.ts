import { z } from 'zod'
import { prefersJson } from '../../http/accept.ts'
import { noStore } from '../../http/oauth-errors.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { authenticateClient } from '../clients/authentication.ts'
import { requireToken, tokenEndpoint } from './endpoint.ts'
import { introspectToken } from './introspect.ts'
import { introspection, tokenRequest, tokenResponse, tokenToJudge } from './schemas.ts'

/** /api/v1/oauth: what clients do with tokens. */
export const tokenRoutes: Routes = async (app, { services }) => {
  const { db, config } = services
  const endpoint = tokenEndpoint(services)

  app.post(
    '/token',
    {
      config: { access: 'client', throttle: 'oauth-token' },
      schema: { summary: 'Get tokens (RFC 6749 §3.2)', body: tokenRequest, response: { 200: tokenResponse } },
    },
    async (request, reply) => noStore(reply).send(await endpoint.grant(request)),
  )

  app.post(
    '/revoke',
    {
      config: { access: 'client', throttle: 'oauth-revoke-token' },
      schema: { summary: 'Revoke a token (RFC 7009)', body: tokenToJudge, response: { 200: z.undefined() } },
    },
    async (request, reply) => {
      await endpoint.revoke(request)
      noStore(reply).code(200)
      // Nobody needs to read this (RFC 7009 §2.2), but some libraries parse whatever is not an error.
      if (!prefersJson(request.headers.accept)) return reply.send()
      return reply
        .type('application/json; charset=utf-8')
        .serializer(JSON.stringify)
        .send({} as never)
    },
  )

  app.post(
    '/introspect',
    {
      config: { access: 'client', throttle: 'oauth-token' },
      schema: { summary: 'Ask about a token (RFC 7662)', body: tokenToJudge, response: { 200: introspection } },
    },
    async (request, reply) => {
      const token = requireToken(request)
      const client = await authenticateClient(services, request)
      if (client.secretHash === null) throw new Problem('unauthorized_client', 'Only clients with a secret may ask.')
      return noStore(reply).send(await introspectToken(db, { client, token, publicUrl: config.publicUrl }))
    },
  )
}

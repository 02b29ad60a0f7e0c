import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { missingParameters, noStore } from '../../http/oauth-errors.ts'
import { unixSeconds } from '../../http/wire.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { authenticateClient } from '../clients/authentication.ts'
import { runGrant } from '../server.ts'
import { grantHandlers } from './grant-types.ts'
import { introspectToken } from './introspect.ts'
import { revokeToken } from './revoke.ts'
import { introspection, tokenRequest, tokenResponse, tokenToJudge } from './schemas.ts'
import type { IssuedTokens } from './token-pair.ts'

/** /api/v1/oauth: what clients do with tokens. */
export const tokenRoutes: Routes = async (app, { services }) => {
  const { db, config, trail } = services
  const handlers = grantHandlers(db, config, trail)

  app.post(
    '/token',
    {
      config: { access: 'client', throttle: 'oauth-token' },
      schema: { summary: 'Get tokens (RFC 6749 §3.2)', body: tokenRequest, response: { 200: tokenResponse } },
    },
    async (request, reply) => {
      refuseQuery(request)
      if (request.body.grant_type === undefined) {
        throw new Problem('unsupported_grant_type', 'Missing grant type parameter.')
      }
      const client = await authenticateClient(services, request)
      const tokens = await runGrant(handlers, { client, parameters: request.body, origin: request })
      return noStore(reply).send(representTokens(tokens))
    },
  )

  app.post(
    '/revoke',
    {
      config: { access: 'client', throttle: 'oauth-revoke-token' },
      schema: { summary: 'Revoke a token (RFC 7009)', body: tokenToJudge, response: { 200: z.undefined() } },
    },
    async (request, reply) => {
      const token = requireToken(request)
      await revokeToken(db, await authenticateClient(services, request), token)
      return noStore(reply).code(200).send()
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
      return noStore(reply).send(await introspectToken(db, { client, token, issuer: config.publicUrl }))
    },
  )
}

function requireToken(request: FastifyRequest<{ Body: z.output<typeof tokenToJudge> }>): string {
  refuseQuery(request)
  const { token } = request.body
  if (token === undefined) throw missingParameters(['token'])
  return token
}

/** Addresses end up in logs, so nothing of a token request may stand there (RFC 6749 §2.3.1, §3.2). */
function refuseQuery(request: FastifyRequest): void {
  if (request.url.includes('?')) throw new Problem('invalid_request', 'URL query parameters are not allowed')
}

function representTokens(tokens: IssuedTokens): z.output<typeof tokenResponse> {
  const { accessToken, accessExpiresAt, refreshToken, scopes, createdAt } = tokens
  return {
    access_token: accessToken,
    ...(accessExpiresAt !== null && { expires_in: unixSeconds(accessExpiresAt) - unixSeconds(createdAt) }),
    token_type: 'Bearer',
    scope: scopes.join(' '),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    created_at: unixSeconds(createdAt),
  }
}

import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { missingParameters } from '../../http/oauth-errors.ts'
import { unixSeconds } from '../../http/wire.ts'
import { Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { authenticateClient } from '../clients/authentication.ts'
import { runGrant } from '../server.ts'
import { grantHandlers } from './grant-types.ts'
import { revokeToken } from './revoke.ts'
import type { tokenRequest, tokenResponse, tokenToJudge } from './schemas.ts'
import type { IssuedTokens } from './token-pair.ts'

type TokenRequest = FastifyRequest<{ Body: z.output<typeof tokenRequest> }>
type JudgeRequest = FastifyRequest<{ Body: z.output<typeof tokenToJudge> }>

/** What clients do with tokens, whichever path they do it at. All throw Problems of RFC 6749 §5.2. */
export function tokenEndpoint(services: Services) {
  const { db, config, trail } = services
  const handlers = grantHandlers(db, config, trail)
  return {
    /** RFC 6749 §3.2. */
    async grant(request: TokenRequest): Promise<z.output<typeof tokenResponse>> {
      refuseQuery(request)
      if (request.body.grant_type === undefined) {
        throw new Problem('unsupported_grant_type', 'Missing grant type parameter.')
      }
      const client = await authenticateClient(services, request)
      return representTokens(await runGrant(handlers, { client, parameters: request.body, origin: request }))
    },
    /** RFC 7009 §2. */
    async revoke(request: JudgeRequest): Promise<void> {
      const token = requireToken(request)
      const client = await authenticateClient(services, request)
      const userId = await revokeToken(db, client, token)
      if (userId !== undefined) trail.record(request, { userId, kind: 'token-revoked', client: client.name })
    },
  }
}

export function requireToken(request: JudgeRequest): string {
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

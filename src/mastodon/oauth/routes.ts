import { z } from 'zod'
import { noStore } from '../../http/oauth-errors.ts'
import { Problem } from '../../lib/problem.ts'
import { tokenEndpoint } from '../../oauth/tokens/endpoint.ts'
import { tokenRequest, tokenResponse, tokenToJudge } from '../../oauth/tokens/schemas.ts'
import type { Routes } from '../../services.ts'
import { requireParameters, requireTokenParameters } from './required-parameters.ts'

/** /oauth: the token endpoint and revocation in Mastodon's words. */
export const oauthRoutes: Routes = async (app, { services }) => {
  const endpoint = tokenEndpoint(services)

  app.post(
    '/token',
    {
      config: { access: 'client', throttle: 'oauth-token', anyBearer: true },
      schema: { summary: 'Get tokens', body: tokenRequest, response: { 200: tokenResponse } },
    },
    async (request, reply) => {
      requireTokenParameters(request)
      return noStore(reply).send(await endpoint.grant(request))
    },
  )

  app.post(
    '/revoke',
    {
      config: { access: 'client', throttle: 'oauth-revoke-token', anyBearer: true },
      schema: { summary: 'Revoke a token', body: tokenToJudge, response: { 200: z.object({}) } },
    },
    async (request, reply) => {
      requireParameters(request, ['token'])
      await endpoint.revoke(request).catch(refuseAsMastodon)
      return noStore(reply).send({})
    },
  )
}

/** Whoever may not revoke a token is told so by 403, for whatever reason. */
function refuseAsMastodon(error: unknown): never {
  if (!(error instanceof Problem) || !['invalid_client', 'unauthorized_client'].includes(error.kind)) throw error
  throw new Problem('unauthorized_client', 'You are not authorized to revoke this token.', { status: 403 })
}

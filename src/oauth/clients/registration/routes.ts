import type { z } from 'zod'
import { noStore, oauthBody } from '../../../http/oauth-errors.ts'
import { unixSeconds } from '../../../http/wire.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Routes } from '../../../services.ts'
import { type Registered, registerClient } from '../clients.ts'
import { readClientMetadata } from './registration.ts'
import { clientMetadata, registeredMetadata } from './schemas.ts'

/** /api/v1/oauth/register: dynamic client registration (RFC 7591). */
export const registrationRoutes: Routes = async (app, { services: { db, config } }) => {
  app.post(
    '/register',
    {
      config: { access: 'public', throttle: 'oauth-app' },
      schema: { summary: 'Register a client (RFC 7591)', body: clientMetadata, response: { 201: registeredMetadata } },
      preValidation: async (request) => acceptSingleValues(request.body),
      // A wrong field is a wrong client metadata document (RFC 7591 §3.2.2).
      errorHandler: (error) => {
        throw error instanceof Problem ? asMetadataProblem(error) : error
      },
    },
    async (request, reply) => {
      const client = readClientMetadata(request.body, { allowHttp: config.allowHttpRedirectUris })
      return noStore(reply)
        .code(201)
        .send(representMetadata(await registerClient(db, client)))
    },
  )
}

const lists = ['redirect_uris', 'grant_types', 'response_types']

/** In a form, a list of one looks like a single value. */
function acceptSingleValues(body: unknown): void {
  if (body === null || typeof body !== 'object') return
  for (const name of lists) {
    const value = Reflect.get(body, name)
    if (typeof value === 'string') Reflect.set(body, name, [value])
  }
}

function asMetadataProblem(problem: Problem): Problem {
  if (problem.kind !== 'invalid' && problem.kind !== 'malformed') return problem
  const kind = problem.fields !== undefined && Object.hasOwn(problem.fields, 'redirect_uris')
  return new Problem(kind ? 'invalid_redirect_uri' : 'invalid_client_metadata', oauthBody(problem).error_description)
}

function representMetadata({ client, secret }: Registered): z.output<typeof registeredMetadata> {
  return {
    client_id: client.clientId,
    client_id_issued_at: unixSeconds(client.createdAt),
    ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: client.authenticationMethod ?? 'client_secret_basic',
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    client_name: client.name,
    ...(client.website !== null && { client_uri: client.website }),
    scope: client.scopes.join(' '),
  }
}

import { z } from 'zod'
import { supportedScopes } from '../../access/scope-catalogue.ts'
import type { Routes } from '../../services.ts'
import { defaultGrantTypes } from '../clients/clients.ts'
import { authenticationMethods } from '../clients/registration/registration.ts'
import { issuerOf } from '../issuer.ts'
import { endpointsOf } from './endpoints.ts'

const texts = z.array(z.string())

/** RFC 8414 §2. */
const serverMetadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string(),
  revocation_endpoint: z.string(),
  introspection_endpoint: z.string(),
  device_authorization_endpoint: z.string(),
  // As Mastodon has them.
  app_registration_endpoint: z.string(),
  userinfo_endpoint: z.string(),
  service_documentation: z.string(),
  scopes_supported: texts,
  response_types_supported: texts,
  response_modes_supported: texts,
  grant_types_supported: texts,
  code_challenge_methods_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  revocation_endpoint_auth_methods_supported: texts,
  introspection_endpoint_auth_methods_supported: texts,
  authorization_response_iss_parameter_supported: z.boolean(),
})

/** RFC 9728 §2. */
const resourceMetadata = z.object({
  resource: z.string(),
  authorization_servers: texts,
  scopes_supported: texts,
  bearer_methods_supported: texts,
})

/** /.well-known: what clients can learn before they start; all of it comes from the configuration (RFC 8414 §3). */
export const metadataRoutes: Routes = async (app, { services: { config } }) => {
  const { publicUrl } = config
  const issuer = issuerOf(publicUrl)
  const withSecret = authenticationMethods.filter((method) => method !== 'none')
  const scopes = [...supportedScopes]

  app.get(
    '/oauth-authorization-server',
    {
      config: { access: 'public', throttle: 'wildcard', rateLimitReset: 'iso' },
      schema: { summary: 'Authorization server metadata (RFC 8414)', response: { 200: serverMetadata } },
    },
    async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send({
        issuer,
        ...endpointsOf(publicUrl),
        service_documentation: `${publicUrl}/docs`,
        scopes_supported: scopes,
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        grant_types_supported: [...defaultGrantTypes],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: [...authenticationMethods],
        revocation_endpoint_auth_methods_supported: [...authenticationMethods],
        introspection_endpoint_auth_methods_supported: withSecret,
        authorization_response_iss_parameter_supported: true,
      }),
  )

  app.get(
    '/oauth-protected-resource',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'Protected resource metadata (RFC 9728)', response: { 200: resourceMetadata } },
    },
    async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send({
        resource: publicUrl,
        authorization_servers: [issuer],
        scopes_supported: scopes,
        bearer_methods_supported: ['header'],
      }),
  )
}

import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { OpenAPIV3_1 } from 'openapi-types'
import { clientLeaves } from '../../access/scope-catalogue.ts'
import type { JsonSchema } from './json-schema.ts'
import { describeOperation, operationId, type RouteSchema } from './operations.ts'
import { tags } from './tags.ts'

export interface OpenApiOptions {
  publicUrl: string
  podName: () => string
  version: string
}

/** Describes all routes that are registered after it: `app.swagger()` answers an OpenAPI 3.1 document. */
export const openApi = fp(async (app: FastifyInstance, { publicUrl, podName, version }: OpenApiOptions) => {
  const components: Record<string, JsonSchema> = { ...errors }
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: podName(),
        version,
        description,
        license: { name: 'AGPL-3.0-or-later', identifier: 'AGPL-3.0-or-later' },
      },
      servers: [{ url: publicUrl }],
      tags,
      components: { securitySchemes: securitySchemes(publicUrl) },
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: (describeOperation(route as RouteOptions, schema as RouteSchema | undefined, components) ?? {
        hide: true,
      }) as FastifySchema,
    }),
    transformObject: (document) => {
      const { openapiObject } = document as { openapiObject: Description }
      nameOperations(openapiObject.paths)
      return { ...openapiObject, components: { ...openapiObject.components, schemas: components } }
    },
  })
})

interface Description extends Record<string, unknown> {
  paths: Record<string, Record<string, Record<string, unknown>>>
  components?: object
}

/** One route may answer several methods, and each is an operation. */
function nameOperations(paths: Description['paths']): void {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      methods[method] = { operationId: operationId(method, path), ...operation }
    }
  }
}

const description = [
  'An OAuth 2.0 authorization server and a REST API in the style of Funkwhale.',
  'Lists come in pages of at most 50; moments are ISO 8601 in UTC. Bodies may be JSON, forms or multipart.',
  'Every answer announces its rate limit in `X-RateLimit-*` and `Retry-After`.',
].join(' ')

const text = { type: 'string' }

const errors: Record<string, JsonSchema> = {
  Error: { type: 'object', required: ['detail'], properties: { detail: text } },
  InvalidInput: {
    description:
      'Messages by field; `non_field_errors` for what concerns none. `detail` where the request cannot be read.',
    type: 'object',
    properties: { detail: text },
    additionalProperties: true,
    examples: [{ name: ['This field is required.'] }],
  },
  OAuthError: {
    description: 'RFC 6749 §5.2',
    type: 'object',
    required: ['error'],
    properties: { error: text, error_description: text },
    examples: [{ error: 'invalid_grant', error_description: 'Authorization code expired.' }],
  },
  MastodonError: { type: 'object', required: ['error'], properties: { error: text, error_description: text } },
}

function securitySchemes(publicUrl: string): Record<string, OpenAPIV3_1.SecuritySchemeObject> {
  const scopes = Object.fromEntries(['read', 'write', ...clientLeaves].map((name) => [name, describeScopeName(name)]))
  const tokenUrl = `${publicUrl}/api/v1/oauth/token`
  const authorizationCode = { authorizationUrl: `${publicUrl}/authorize`, tokenUrl, refreshUrl: tokenUrl, scopes }
  return {
    oauth: { type: 'oauth2', flows: { authorizationCode } },
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description: 'An access token, or the token of an application of your own.',
    },
    client: { type: 'http', scheme: 'basic', description: 'client_id and client_secret (RFC 6749 §2.3.1).' },
  }
}

function describeScopeName(name: string): string {
  const [verb = '', topic] = name.split(':')
  if (verb !== 'read' && verb !== 'write') return 'See who the user is.'
  const does = verb === 'read' ? 'See' : 'Change'
  return topic === undefined ? `${does} everything an application may.` : `${does} ${topic}.`
}

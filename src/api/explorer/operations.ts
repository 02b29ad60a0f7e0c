import type { FastifySchema, RouteOptions } from 'fastify'
import { z } from 'zod'
import type { AccessRule } from '../../access/route-rules.ts'
import { clientLeaves } from '../../access/scope-catalogue.ts'
import { isMastodonApi, isMastodonOAuth } from '../../http/mastodon-paths.ts'
import type { JsonSchema } from './json-schema.ts'
import { describeSchema } from './json-schemas.ts'
import { tagOf } from './tags.ts'

/** How OpenAPI sees one route; undefined = the document leaves it out. */
export interface Operation extends Record<string, unknown> {
  summary: string
}

export type RouteSchema = FastifySchema & { summary?: string; description?: string; consumes?: string[] }

/** The same requests under a second address, which the document names once. */
const alias = /^\/api\/v1\/users\/users\//

/** What `@fastify/swagger` writes for a route; definitions of named schemas are added to `components`. */
export function describeOperation(
  route: Pick<RouteOptions, 'url' | 'method' | 'config'>,
  schema: RouteSchema | undefined,
  components: Record<string, JsonSchema>,
): Operation | undefined {
  const { access, throttle, refusal } = route.config ?? {}
  const method = [route.method].flat()[0] ?? 'GET'
  if (schema?.summary === undefined || access === undefined || refusal === true) return undefined
  if (alias.test(route.url) || method === 'HEAD' || method === 'OPTIONS') return undefined
  const describe = (part: unknown): JsonSchema | undefined => {
    if (!(part instanceof z.ZodType) || part instanceof z.ZodUndefined) return undefined
    const { schema: described, definitions } = describeSchema(part)
    Object.assign(components, definitions)
    return described
  }
  return {
    summary: schema.summary,
    description: describeRules(access, throttle, schema.description),
    tags: [tagOf(route.url)],
    security: securityOf(access),
    'x-throttle-scope': throttle,
    ...(typeof access === 'object' && { 'x-scope': access.scope }),
    consumes: schema.consumes ?? bodyTypes,
    ...inputOf(schema, describe),
    response: { ...answersOf(schema, describe), ...refusalsOf(route.url, access, schema) },
  }
}

const bodyTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']

function inputOf(schema: RouteSchema, describe: (part: unknown) => JsonSchema | undefined): Record<string, unknown> {
  const parts = { params: schema.params, querystring: schema.querystring, body: schema.body }
  const described = Object.entries(parts).map(([name, part]) => [name, describe(part)] as const)
  return Object.fromEntries(described.filter(([, part]) => part !== undefined))
}

function answersOf(schema: RouteSchema, describe: (part: unknown) => JsonSchema | undefined): Record<string, unknown> {
  const answers = Object.entries((schema.response ?? {}) as Record<string, unknown>)
  return Object.fromEntries(
    answers.map(([status, answer]) => [
      status,
      { description: meaningOf(status), ...(describe(answer) ?? { type: 'null' }) },
    ]),
  )
}

function meaningOf(status: string): string {
  if (status === '201') return 'Made.'
  if (status === '204') return 'Done; there is nothing to say.'
  return status.startsWith('3') ? 'Goes elsewhere.' : 'The answer.'
}

/** Which errors a route may answer, in the dialect of its surroundings. */
function refusalsOf(url: string, access: AccessRule, schema: RouteSchema): Record<string, unknown> {
  const error = (description: string) => ({ description, $ref: `#/components/schemas/${errorShape(url)}` })
  const invalid = {
    description: 'The request is not as it should be.',
    $ref: `#/components/schemas/${inputErrorShape(url)}`,
  }
  const isGuarded = typeof access === 'object' || access === 'session'
  return {
    ...((schema.body !== undefined || schema.querystring !== undefined) && { 400: invalid }),
    ...(access !== 'public' && { 401: error('Credentials are missing, wrong or no longer valid.') }),
    ...(isGuarded && { 403: error('The credentials do not allow this.') }),
    ...(schema.params !== undefined && { 404: error('There is no such thing, or it is not yours.') }),
    429: error('Too many requests; Retry-After says when to come back.'),
  }
}

function errorShape(url: string): string {
  if (isMastodonApi(url)) return 'MastodonError'
  return isOAuth(url) ? 'OAuthError' : 'Error'
}

function inputErrorShape(url: string): string {
  const shape = errorShape(url)
  return shape === 'Error' ? 'InvalidInput' : shape
}

function isOAuth(url: string): boolean {
  return isMastodonOAuth(url) || /^\/api\/v1\/oauth\/(token|revoke|introspect|register|device)/.test(url)
}

function securityOf(access: AccessRule): Record<string, string[]>[] {
  if (access === 'public' || access === 'session') return []
  if (access === 'client') return [{ client: [] }]
  if (access === 'token') return [{ oauth: [] }, { bearer: [] }]
  if (access === 'reader') return [{ oauth: [] }, { bearer: [] }, {}]
  const forClients = clientLeaves.includes(access.scope) ? [{ oauth: [access.scope] }] : []
  return [...forClients, { bearer: [] }, ...(access.anonymous === undefined ? [] : [{}])]
}

function describeRules(access: AccessRule, throttle: string | undefined, description = ''): string {
  const limit = throttle === 'none' ? 'Not limited.' : `Rate limit: \`${throttle}\`.`
  return [description, describeAccess(access), limit].filter((line) => line !== '').join(' ')
}

function describeAccess(access: AccessRule): string {
  if (access === 'public') return 'Open to everybody.'
  if (access === 'client') return 'A client proves who it is (RFC 6749 §2.3).'
  if (access === 'session') return 'For a browser that is signed in.'
  if (access === 'token') return 'Needs any access token.'
  if (access === 'reader') return 'Needs any token of a user, or nothing where the pod is open to everybody.'
  const open = access.anonymous === undefined ? '' : ', or nothing where the pod is open to everybody'
  return `Needs the scope \`${access.scope}\`${open}.`
}

/** `get /api/v1/playlists/{id}/tracks` → `getApiV1PlaylistsByIdTracks`. */
export function operationId(method: string, url: string): string {
  const words = url.split(/[/.\-_]/).filter((word) => word !== '')
  const named = words.map((word) => (word.startsWith('{') ? `By${capital(word.slice(1))}` : capital(word)))
  return method + named.join('').replace(/\W/g, '')
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

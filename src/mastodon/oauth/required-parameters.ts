import type { FastifyRequest } from 'fastify'
import { Problem } from '../../lib/problem.ts'
import { deviceCodeGrant } from '../../oauth/clients/clients.ts'

const ofGrantType = new Map([
  ['authorization_code', ['code', 'redirect_uri']],
  ['refresh_token', ['refresh_token']],
  [deviceCodeGrant, ['device_code']],
])

/** @throws Problem `invalid_request` naming everything that a token request lacks, before anything else is looked at */
export function requireTokenParameters(request: FastifyRequest): void {
  const { grant_type: grantType } = request.body as Record<string, string | undefined>
  requireParameters(request, ['grant_type', ...(ofGrantType.get(grantType ?? '') ?? [])])
}

/** The same for any request by a client that names itself by HTTP Basic or in the body. */
export function requireParameters(request: FastifyRequest, names: string[]): void {
  const body = request.body as Record<string, string | undefined>
  const isNamed = body.client_id !== undefined || /^basic(\s|$)/i.test(request.headers.authorization ?? '')
  const required = isNamed ? names : [...names, 'client_id', 'client_secret']
  const missing = required.filter((name) => body[name] === undefined)
  if (missing.length > 0) throw new Problem('invalid_request', `Missing parameters: ${missing.join(', ')}.`)
}

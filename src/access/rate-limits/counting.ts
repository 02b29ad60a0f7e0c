import type { FastifyRequest } from 'fastify'
import type { Limit, RateLimits, ThrottleScope } from '../../throttling.ts'
import { type Identity, logKey } from './identity.ts'

/** What a request counts against, and the log it is written in. */
export interface Counting {
  limit: Limit
  key: string
}

/** Undefined = unlimited. */
export function countingOf(limits: RateLimits, scope: ThrottleScope, identity: Identity): Counting | undefined {
  const { limit, isOfClient } = limits.limitFor(scope, identity)
  if (limit === undefined) return undefined
  const key = logKey(scope, identity)
  return { limit, key: isOfClient ? `${key} client ${identity.clientId}` : key }
}

/** The client_id of HTTP Basic or of the body, of which nothing is proved yet (RFC 6749 §2.3.1). */
export function claimedClient({ headers, body }: FastifyRequest): string | undefined {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded !== undefined) return Buffer.from(encoded, 'base64').toString('latin1').split(':')[0]
  const named = body !== null && typeof body === 'object' ? Reflect.get(body, 'client_id') : undefined
  return typeof named === 'string' ? named : undefined
}

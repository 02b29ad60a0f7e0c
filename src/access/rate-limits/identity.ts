import type { FastifyRequest } from 'fastify'
import type { Principal } from '../principal.ts'
import type { IdentityKind } from '../throttle-buckets.ts'
import { bucketAddress, widerNetwork } from './addresses.ts'

/** Whose requests are counted together. */
export interface Identity {
  type: IdentityKind
  /** User id or address. */
  id: string
  userId?: number | undefined
  /** Row id of the client that speaks for the user, or for itself. */
  clientId?: number | undefined
}

/**
 * The user, else the address. Clients that speak for themselves count by address too: anybody may register one, and it
 * would be a fresh bucket.
 */
export function identify(principal: Principal, request: FastifyRequest): Identity {
  if (principal.kind === 'user') {
    const { userId, clientId } = principal
    return { type: 'authenticated', id: String(userId), userId, clientId }
  }
  const clientId = principal.kind === 'client' ? principal.clientId : undefined
  return { type: 'anonymous', id: addressOf(request), userId: undefined, clientId }
}

/** A proxy that passes on what is no address is counted itself. */
export function addressOf({ ip, socket }: FastifyRequest): string {
  return bucketAddress(ip) ?? bucketAddress(socket.remoteAddress ?? '') ?? 'unknown'
}

/** What a log is kept under. */
export function logKey(scope: string, { type, id }: Identity): string {
  return type === 'authenticated' ? `${scope} user ${id}` : `${scope} from ${id}`
}

/** Users always have a log of their own; strangers share one with their neighbours when there is no room left. */
export function sharedLogKey(key: string): string | undefined {
  const [scope, kind, id = ''] = key.split(' ')
  return kind === 'from' && id !== 'unknown' ? `${scope} near ${widerNetwork(id)}` : undefined
}

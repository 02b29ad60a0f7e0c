import type { FastifyRequest } from 'fastify'
import { Problem } from '../lib/problem.ts'
import type { Leaf } from './scopes.ts'

/** How a resource owner's request proved who it speaks for. */
export type Credential = 'session' | 'access-token' | 'application-token' | 'listen-token'

/** A request that speaks for a resource owner, with the scopes it may use. */
export interface UserPrincipal {
  kind: 'user'
  userId: number
  credential: Credential
  scopes: ReadonlySet<Leaf>
  /** Row id of the client a token was issued to. */
  clientId?: number
  /** The chain of tokens that the access token is one of. */
  familyId?: bigint | undefined
  /** The user's key that the listen token was signed with. */
  listenKey?: Uint8Array<ArrayBuffer>
  /** The browser session, when that is the credential. */
  session?: {
    /** Names the session without giving it away; CSRF tokens are bound to it. */
    key: string
    username: string
    name: string
    /** When the password was last given. */
    authenticatedAt: Date
  }
}

/** A client that speaks for itself, by an access token of the client credentials grant (RFC 6749 §4.4). */
export interface ClientPrincipal {
  kind: 'client'
  clientId: number
  familyId?: bigint | undefined
  scopes: ReadonlySet<Leaf>
}

export interface AnonymousPrincipal {
  kind: 'anonymous'
  /** Credentials were sent and are worth nothing; said where credentials are needed. */
  refusal?: Problem
  /** The browser is signed in to an account that may not act now. */
  account?: 'disabled' | 'unconfirmed'
}

/** Who makes this request. */
export type Principal = UserPrincipal | ClientPrincipal | AnonymousPrincipal

export const anonymous: AnonymousPrincipal = { kind: 'anonymous' }

/** Recognises one kind of credentials; undefined = the request carries none of that kind. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal | undefined> | Principal | undefined

/** Who is signed in or whom the token speaks for, on a route that lets nobody else through. */
export function userOf(request: FastifyRequest): UserPrincipal {
  const { principal } = request
  if (principal.kind === 'user') return principal
  throw new Problem('unauthenticated', 'Authentication credentials were not provided.')
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal
  }
}

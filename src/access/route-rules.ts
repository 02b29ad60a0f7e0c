import type { FastifyInstance, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Leaf } from './scopes.ts'
import type { BucketName } from './throttle-buckets.ts'

/**
 * Who may call a route: everyone; a signed-in browser; an OAuth client that authenticates itself (RFC 6749 §2.3); who sends
 * any valid token, of a user or a client; `reader` = whoever speaks for a user, whatever their scopes; or whoever holds a
 * scope. `anonymous`: `setting` = also without credentials where the pod does not demand authentication, as for a `reader`.
 */
export type AccessRule = 'public' | 'session' | 'client' | 'token' | 'reader' | { scope: Leaf; anonymous?: 'setting' }

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessRule
    throttle?: BucketName
    /** Whoever calls, the request must come from a page of this pod (login forms). */
    csrf?: boolean
    /** A bearer token that is malformed or sent in several ways counts as none: clients send along whatever they have. */
    anyBearer?: boolean
    /** Media elements send no headers: a listen token or an access token may stand in `?token=`. */
    tokenInQuery?: boolean
    /** The route only says that its method is not offered. */
    refusal?: boolean
  }
}

/** A route that does not say who may call it and how often stops the server at start. */
export const routeRules = fp(async (app: FastifyInstance) => {
  app.addHook('onRoute', (route: RouteOptions) => {
    const { access, throttle } = route.config ?? {}
    if (access !== undefined && throttle !== undefined) return
    throw new Error(`${[route.method].flat().join()} ${route.url} must declare config.access and config.throttle`)
  })
})

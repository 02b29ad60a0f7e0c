import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { throwing } from '../http/hooks.ts'
import { Problem } from '../lib/problem.ts'
import { type Authenticate, anonymous, type Principal } from './principal.ts'
import type { AccessRule } from './route-rules.ts'
import { anonymousScopes, type Leaf } from './scopes.ts'

export interface GuardOptions {
  /** Tried in order; the first that recognises the request's credentials decides. */
  authenticators: Authenticate[]
  /** Counts the request, as soon as it is known who is calling. @throws Problem `throttled` */
  limit?: (request: FastifyRequest, reply: FastifyReply) => Promise<void> | undefined
  /** Whether routes with `anonymous: 'setting'` refuse requests without credentials. */
  authenticationRequired: () => boolean
  /** Runs for requests that rely on a cookie and may change something. */
  checkCsrf: (request: FastifyRequest) => void
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Finds out who is calling, and lets each request only where its route's access rule says. */
export const guard = fp(async (app: FastifyInstance, options: GuardOptions) => {
  app.decorateRequest('principal')
  app.addHook('onRequest', async (request, reply) => {
    const failure = await recognise(request, options.authenticators)
    await options.limit?.(request, reply)
    if (failure !== undefined && !isForgiven(failure, request)) throw failure
    // What somebody is told is for nobody else, unless the route says otherwise.
    if (request.principal.kind !== 'anonymous') reply.header('cache-control', 'no-store')
    const rule = request.routeOptions.config.access
    if (rule !== undefined) admit(request.principal, rule, options.authenticationRequired())
  })
  // Once the body is there, and before its schema takes away what it does not know.
  app.addHook(
    'preValidation',
    throwing((request) => {
      refuseSecondToken(request)
      if (!safeMethods.has(request.method) && reliesOnCookie(request)) options.checkCsrf(request)
    }),
  )
})

function isForgiven(failure: unknown, { routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.anyBearer === true && failure instanceof Problem && failure.kind === 'malformed'
}

/** @throws Problem `malformed` for a token in the body beside the one in the header (RFC 6750 §2) */
function refuseSecondToken({ headers, body, routeOptions }: FastifyRequest): void {
  if (routeOptions.config.anyBearer === true) return
  if (typeof body !== 'object' || body === null || !/^bearer\s/i.test(headers.authorization ?? '')) return
  if (Object.hasOwn(body, 'access_token')) {
    throw new Problem('malformed', 'The access token was sent in more than one way.')
  }
}

/** Whether a page of another site could have made the browser send this. */
function reliesOnCookie({ principal, routeOptions: { config } }: FastifyRequest): boolean {
  if (config.csrf === true) return true
  return principal.kind === 'user' && principal.credential === 'session' && config.access !== 'client'
}

/** Tells what went wrong instead of throwing it: the request counts all the same. */
async function recognise(request: FastifyRequest, authenticators: Authenticate[]): Promise<unknown> {
  request.principal = anonymous
  try {
    const principal = identify(request, authenticators)
    // Who was just seen is known at once, and need not wait.
    request.principal = principal instanceof Promise ? await principal : principal
    return undefined
  } catch (error) {
    return error
  }
}

function identify(request: FastifyRequest, authenticators: Authenticate[], first = 0): Promise<Principal> | Principal {
  for (let at = first; at < authenticators.length; at += 1) {
    const found = authenticators[at]?.(request)
    if (found instanceof Promise) return found.then((later) => later ?? identify(request, authenticators, at + 1))
    if (found !== undefined) return found
  }
  return anonymous
}

/** @throws Problem `unauthenticated`, `invalid_token`, `insufficient_scope` or `forbidden` */
export function admit(principal: Principal, rule: AccessRule, authenticationRequired: boolean): void {
  // A client authenticates itself in the body as well, which is read later.
  if (rule === 'public' || rule === 'client') return
  if (rule === 'session') {
    if (principal.kind === 'user' && principal.credential === 'session') return
    throw principal.kind === 'anonymous' ? unauthenticated(principal) : notByToken()
  }
  if (rule === 'token') {
    if (principal.kind === 'client' || (principal.kind === 'user' && principal.credential !== 'session')) return
    throw unauthenticated(principal)
  }
  if (rule === 'reader') {
    if (principal.kind === 'user' || !authenticationRequired) return
    throw principal.kind === 'anonymous' ? unauthenticated(principal) : userRequired()
  }
  if (principal.kind !== 'user') admitWithoutUser(principal, rule, authenticationRequired)
  else if (!principal.scopes.has(rule.scope)) throw insufficientScope(rule.scope)
}

/** A client that speaks for itself may do no more than who has no credentials: anybody can register a client. */
function admitWithoutUser(
  principal: Exclude<Principal, { kind: 'user' }>,
  rule: { scope: Leaf; anonymous?: 'setting' },
  authenticationRequired: boolean,
): void {
  const open = rule.anonymous === 'setting' && !authenticationRequired && anonymousScopes.has(rule.scope)
  if (open && (principal.kind === 'anonymous' || principal.scopes.has(rule.scope))) return
  if (principal.kind === 'anonymous') throw unauthenticated(principal)
  throw userRequired()
}

function userRequired(): Problem {
  return new Problem(
    'user_required',
    'You do not have permission to perform this action: it needs the token of a user.',
  )
}

function unauthenticated(principal: Principal): Problem {
  const refusal = principal.kind === 'anonymous' ? principal.refusal : undefined
  return refusal ?? new Problem('unauthenticated', 'Authentication credentials were not provided.')
}

function insufficientScope(scope: Leaf): Problem {
  return new Problem(
    'insufficient_scope',
    `You do not have permission to perform this action. It needs the scope ${scope}.`,
    {
      scope,
    },
  )
}

function notByToken(): Problem {
  return new Problem('forbidden', 'You do not have permission to perform this action: only a signed-in browser may.')
}

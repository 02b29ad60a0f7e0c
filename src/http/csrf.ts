import { createHmac, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../lib/problem.ts'
import { sameBytes } from '../lib/secrets.ts'
import type { CookieRules } from './cookies.ts'

const cookieName = 'csrftoken'
const nonceLength = 22

export interface CsrfOptions {
  /** HMAC key, kept with the pod. */
  key: Uint8Array
  cookies: CookieRules
  publicUrl: string
  /** What a token may be bound to: the browser session, or nothing before login. New ones are bound to the first. */
  bindingsOf: (request: FastifyRequest) => readonly [string, ...string[]]
}

/**
 * Signed double submit: the cookie's value has to come back in the form field `csrfmiddlewaretoken` or the header
 * `X-CSRFToken`, and is bound by HMAC to the session, so that a planted cookie is worth nothing.
 */
export interface Csrf {
  /** The token for a form on this page; sets the cookie when the browser has none that is right for its session. */
  tokenFor(request: FastifyRequest, reply: FastifyReply): string
  /** A new token, for after a login. */
  rotate(reply: FastifyReply, binding: string): void
  /** @throws Problem `forbidden` when the request does not come from a page of this pod in this browser */
  check(request: FastifyRequest): void
  /** Whether a page of another site may have made the browser send this. */
  isFromElsewhere(request: FastifyRequest): boolean
}

export function createCsrf(options: CsrfOptions): Csrf {
  const { cookies, bindingsOf } = options
  const set = (reply: FastifyReply, token: string) => {
    reply.setCookie(cookieName, token, cookies.readable)
    return token
  }
  return {
    tokenFor(request, reply) {
      const bindings = bindingsOf(request)
      const held = request.cookies[cookieName]
      return isGenuine(options, held, bindings) ? held : set(reply, newToken(options, bindings[0]))
    },
    rotate: (reply, binding) => void set(reply, newToken(options, binding)),
    check(request) {
      if (isFromElsewhere(request, options.publicUrl)) throw failed('The request comes from another site.')
      const held = request.cookies[cookieName]
      const given = givenToken(request)
      if (given === undefined) throw failed('CSRF token missing.')
      if (!isGenuine(options, held, bindingsOf(request)) || given !== held) throw failed('CSRF token incorrect.')
    },
    isFromElsewhere: (request) => isFromElsewhere(request, options.publicUrl),
  }
}

function newToken({ key }: CsrfOptions, binding: string): string {
  const nonce = randomBytes(16).toString('base64url')
  return nonce + sign(key, nonce, binding)
}

function isGenuine({ key }: CsrfOptions, token: string | undefined, bindings: readonly string[]): token is string {
  if (token === undefined) return false
  const nonce = token.slice(0, nonceLength)
  const given = Buffer.from(token.slice(nonceLength))
  return bindings.some((binding) => sameBytes(given, Buffer.from(sign(key, nonce, binding))))
}

function sign(key: Uint8Array, nonce: string, binding: string): string {
  return createHmac('sha256', key).update(`${nonce}.${binding}`).digest('base64url')
}

function givenToken({ headers, body }: FastifyRequest): string | undefined {
  const header = headers['x-csrftoken']
  if (typeof header === 'string') return header
  const field = body !== null && typeof body === 'object' ? Reflect.get(body, 'csrfmiddlewaretoken') : undefined
  return typeof field === 'string' ? field : undefined
}

/** Browsers say where a request comes from; what says nothing is judged by its token alone. */
function isFromElsewhere({ headers }: FastifyRequest, publicUrl: string): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return !isOwnOrigin(origin, { host, site, publicUrl })
}

/** Also under another name of the pod, as long as that is not less safe. */
function isOwnOrigin(
  origin: string | undefined,
  { host, site, publicUrl }: { host: string | undefined; site: unknown; publicUrl: string },
): boolean {
  if (origin === undefined || origin === publicUrl) return true
  // A page that gives no referrer away hides its origin too (Fetch, "append a request Origin header").
  if (origin === 'null') return site === 'same-origin'
  if (!URL.canParse(origin) || new URL(origin).host !== host) return false
  return publicUrl.startsWith('http:') || origin.startsWith('https:')
}

function failed(reason: string): Problem {
  return new Problem('forbidden', `CSRF Failed: ${reason}`)
}

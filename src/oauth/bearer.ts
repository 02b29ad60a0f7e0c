import type { FastifyRequest } from 'fastify'
import type { AnonymousPrincipal, Authenticate, Principal } from '../access/principal.ts'
import { type DefaultPermission, withDefaultPermissions } from '../access/scopes.ts'
import type { TokenUsage } from '../audit/token-usage.ts'
import { FreshCache } from '../db/changes/fresh-cache.ts'
import type { DatabaseClient } from '../db/database.ts'
import { Problem } from '../lib/problem.ts'
import { digestText, isSecretOf } from '../lib/secrets.ts'
import { findAccessToken, findApplicationToken, subjectsOf, type TokenHolder } from './token-holders.ts'

export interface BearerOptions {
  db: DatabaseClient
  usage: TokenUsage
  /** What everybody with an account may do. */
  defaultPermissions: () => readonly DefaultPermission[]
  /** Nobody may act before having confirmed an e-mail address. */
  confirmedOnly: boolean
}

/** About 1 kB each. */
const mostKnownTokens = 20_000

/** A token that was found good, and what came of it under these default permissions. */
interface KnownToken {
  holder: TokenHolder
  defaults: readonly DefaultPermission[]
  principal: Principal
}

/** Whom a token speaks for. */
export type TokenReader = (token: string) => Promise<Principal> | Principal

/** Recognises `Authorization: Bearer` (RFC 6750 §2.1): access tokens, and application tokens for their owners. */
export function bearerAuthenticator(readToken: TokenReader): Authenticate {
  return (request) => {
    const token = readBearer(request)
    return token === undefined ? undefined : readToken(token)
  }
}

export function tokenReader(options: BearerOptions): TokenReader {
  const known = new FreshCache<KnownToken>(options.db.changes, { max: mostKnownTokens })
  return (token) => {
    const find = finderFor(token)
    if (find === undefined) return refused('The access token is invalid.')
    const key = digestText(token)
    const found = known.get(key)
    return found === undefined ? lookUp(options, known, { key, find }) : speak(options, found)
  }
}

function finderFor(token: string): typeof findAccessToken | undefined {
  if (isSecretOf('access', token)) return findAccessToken
  return isSecretOf('application', token) ? findApplicationToken : undefined
}

async function lookUp(
  options: BearerOptions,
  known: FreshCache<KnownToken>,
  { key, find }: { key: string; find: typeof findAccessToken },
): Promise<Principal> {
  const keep = known.begin()
  const holder = await find(options.db, Uint8Array.from(Buffer.from(key, 'base64')))
  if (holder === undefined) return refused('The access token is invalid.')
  if (holder.user?.isActive === false) return disabled()
  if (holder.expiresAt <= Date.now()) return expired()
  if (holder.familyId !== undefined) options.usage.note(holder.familyId)
  if (options.confirmedOnly && holder.user?.isConfirmed === false) return unconfirmed()
  const defaults = options.defaultPermissions()
  const principal = principalOf(holder, defaults)
  keep(key, { holder, defaults, principal }, subjectsOf(holder))
  return principal
}

/** Of a token whose holder is still the same. */
function speak(options: BearerOptions, found: KnownToken): Principal {
  if (found.holder.expiresAt <= Date.now()) return expired()
  if (found.holder.familyId !== undefined) options.usage.note(found.holder.familyId)
  const defaults = options.defaultPermissions()
  if (defaults !== found.defaults) {
    found.defaults = defaults
    found.principal = principalOf(found.holder, defaults)
  }
  return found.principal
}

function principalOf(holder: TokenHolder, defaults: readonly DefaultPermission[]): Principal {
  const { clientId, user, familyId } = holder
  if (user === undefined) return { kind: 'client', clientId, familyId, scopes: holder.scopesFor(nobody) }
  const scopes = holder.scopesFor(withDefaultPermissions(user, defaults))
  const credential = familyId === undefined ? 'application-token' : 'access-token'
  return { kind: 'user', userId: user.id, clientId, familyId, credential, scopes }
}

const nobody = { isSuperuser: false, mayManageSettings: false, mayManageLibrary: false, mayModerate: false }

/**
 * The token in the header; a token elsewhere is no credential, but beside one in the header it is an error (§2).
 * @throws Problem `malformed`
 */
function readBearer(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined || !/^bearer(\s|$)/i.test(header)) return undefined
  const token = /^bearer +([^\s]+) *$/i.exec(header)?.[1]
  if (token === undefined) throw noToken()
  if (hasTokenInQuery(request)) throw new Problem('malformed', 'The access token was sent in more than one way.')
  return token
}

/** RFC 6750 §3.1. */
function noToken(): Problem {
  const message = 'The Authorization header holds no token.'
  const challenge = `Bearer realm="api",error="invalid_request",error_description="${message}"`
  return new Problem('malformed', message, { headers: { 'www-authenticate': challenge } })
}

function hasTokenInQuery(request: FastifyRequest): boolean {
  const query = request.query as Record<string, unknown>
  return Object.hasOwn(query, 'access_token') || isSecretOf('access', mediaTokenOf(request) ?? '')
}

/** What stands in `?token=` on routes that media elements call. */
export function mediaTokenOf({ query, routeOptions }: FastifyRequest): string | undefined {
  if (routeOptions.config.tokenInQuery !== true) return undefined
  const token: unknown = [(query as { token?: unknown }).token].flat().at(-1)
  return typeof token === 'string' && token !== '' ? token : undefined
}

export function unconfirmed(): AnonymousPrincipal {
  return { kind: 'anonymous', refusal: new Problem('unverified_email', 'The e-mail address is not confirmed.') }
}

function expired(): Principal {
  return refused('The access token has expired.')
}

/** Elsewhere like any other token that is worth nothing; clients of Mastodon are told. */
export function disabled(): AnonymousPrincipal {
  return { kind: 'anonymous', refusal: new Problem('account_disabled', 'The account is disabled.') }
}

/** The request goes on without credentials; where some are needed the answer says what was wrong with these. */
export function refused(message: string): AnonymousPrincipal {
  return { kind: 'anonymous', refusal: new Problem('invalid_token', message) }
}

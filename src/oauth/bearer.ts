import type { FastifyRequest } from 'fastify'
import type { Authenticate, Principal } from '../access/principal.ts'
import {
  applicationTokenScopes,
  type DefaultPermission,
  effectiveScopes,
  expandScopes,
  type Leaf,
  withDefaultPermissions,
} from '../access/scopes.ts'
import type { TokenUsage } from '../audit/token-usage.ts'
import type { Database } from '../db/database.ts'
import { Problem } from '../lib/problem.ts'
import { digest, isSecretOf } from '../lib/secrets.ts'

export interface BearerOptions {
  db: Database
  usage: TokenUsage
  /** What everybody with an account may do. */
  defaultPermissions: () => readonly DefaultPermission[]
  /** Nobody may act before having confirmed an e-mail address. */
  confirmedOnly: boolean
}

/** Recognises `Authorization: Bearer` (RFC 6750 §2.1): access tokens, and application tokens for their owners. */
export function bearerAuthenticator(options: BearerOptions): Authenticate {
  return async (request) => {
    const token = readBearer(request)
    if (token === undefined) return undefined
    if (isSecretOf('access', token)) return accessTokenPrincipal(options, token)
    if (isSecretOf('application', token)) return applicationTokenPrincipal(options, token)
    return refused('The access token is invalid.')
  }
}

/**
 * The token in the header; a token elsewhere is no credential, but beside one in the header it is an error (§2).
 * @throws Problem `invalid_request`
 */
function readBearer(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  const token = header === undefined ? undefined : /^bearer +([^\s]+) *$/i.exec(header)?.[1]
  if (header === undefined || !/^bearer(\s|$)/i.test(header)) return undefined
  if (token === undefined) throw badToken('The Authorization header holds no token.')
  if (hasTokenInQuery(request.query)) throw badToken('The access token was sent in more than one way.')
  return token
}

/** RFC 6750 §3.1. */
function badToken(message: string): Problem {
  const challenge = `Bearer realm="api",error="invalid_request",error_description="${message}"`
  return new Problem('malformed', message, { headers: { 'www-authenticate': challenge } })
}

function hasTokenInQuery(query: unknown): boolean {
  return typeof query === 'object' && query !== null && Object.hasOwn(query, 'access_token')
}

interface AccessRow {
  familyId: bigint
  expiresAt: Date | null
  scopes: string[]
  familyScopes: string[]
  userId: number | null
  clientId: number
  clientScopes: string[]
  isActive: boolean | null
  emailVerifiedAt: Date | null
  isSuperuser: boolean
  mayManageSettings: boolean
  mayManageLibrary: boolean
  mayModerate: boolean
}

/** One statement finds everything that decides. */
async function accessTokenPrincipal(options: BearerOptions, token: string): Promise<Principal> {
  const { db, usage } = options
  const [row] = await db.$queryRaw<AccessRow[]>`
    SELECT f.id AS "familyId", t.access_expires_at AS "expiresAt", t.scopes, f.scopes AS "familyScopes", f.user_id AS "userId", f.client_id AS "clientId",
      c.scopes AS "clientScopes", u.is_active AS "isActive", u.email_verified_at AS "emailVerifiedAt", u.is_superuser AS "isSuperuser",
      u.may_manage_settings AS "mayManageSettings", u.may_manage_library AS "mayManageLibrary",
      u.may_moderate AS "mayModerate"
    FROM tokens t
      JOIN token_families f ON f.id = t.family_id
      JOIN clients c ON c.id = f.client_id
      LEFT JOIN users u ON u.id = f.user_id
    WHERE t.access_hash = ${digest(token)}`
  if (row === undefined) return refused('The access token is invalid.')
  if (row.isActive === false) return disabled()
  if (row.expiresAt !== null && row.expiresAt <= new Date()) return refused('The access token has expired.')
  const { userId, clientId } = row
  usage.note(row.familyId)
  if (options.confirmedOnly && userId !== null && isUnconfirmed(row)) return unconfirmed()
  if (userId === null) return { kind: 'client', clientId, scopes: clientOnlyScopes(row) }
  const scopes = withinFamily(
    row,
    effectiveScopes({
      user: withDefaultPermissions(row, options.defaultPermissions()),
      token: row.scopes,
      client: row.clientScopes,
    }),
  )
  return { kind: 'user', userId, clientId, credential: 'access-token', scopes }
}

/** A token that was made while its grant was being narrowed may name more than its family still has. */
function withinFamily({ scopes, familyScopes }: AccessRow, effective: ReadonlySet<Leaf>): ReadonlySet<Leaf> {
  if (scopes.length === familyScopes.length && scopes.every((name, at) => name === familyScopes[at])) return effective
  const held = expandScopes(familyScopes)
  return new Set([...effective].filter((leaf) => held.has(leaf)))
}

function clientOnlyScopes({ scopes, clientScopes }: AccessRow) {
  const registered = expandScopes(clientScopes)
  return new Set([...expandScopes(scopes)].filter((leaf) => registered.has(leaf)))
}

async function applicationTokenPrincipal(
  { db, defaultPermissions, confirmedOnly }: BearerOptions,
  token: string,
): Promise<Principal> {
  const client = await db.client.findUnique({
    where: { applicationTokenHash: digest(token) },
    include: { owner: true },
  })
  if (client === null || client.owner === null) return refused('The access token is invalid.')
  if (!client.owner.isActive) return disabled()
  if (confirmedOnly && isUnconfirmed(client.owner)) return unconfirmed()
  return {
    kind: 'user',
    userId: client.owner.id,
    clientId: client.id,
    credential: 'application-token',
    scopes: applicationTokenScopes({
      user: withDefaultPermissions(client.owner, defaultPermissions()),
      client: client.scopes,
    }),
  }
}

function isUnconfirmed(user: { isSuperuser: boolean; emailVerifiedAt: Date | null }): boolean {
  return !user.isSuperuser && user.emailVerifiedAt === null
}

function unconfirmed(): Principal {
  return { kind: 'anonymous', refusal: new Problem('unverified_email', 'The e-mail address is not confirmed.') }
}

/** Elsewhere like any other token that is worth nothing; clients of Mastodon are told. */
function disabled(): Principal {
  return { kind: 'anonymous', refusal: new Problem('account_disabled', 'The access token is invalid.') }
}

/** The request goes on without credentials; where some are needed the answer says what was wrong with these. */
function refused(message: string): Principal {
  return { kind: 'anonymous', refusal: new Problem('invalid_token', message) }
}

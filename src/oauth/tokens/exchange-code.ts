import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import type { Client } from '../../db/generated/client.ts'
import { query } from '../../db/statements.ts'
import { Problem } from '../../lib/problem.ts'
import { digest, newSecret } from '../../lib/secrets.ts'
import { after, type IssuedTokens, type Lifetimes, newAccessToken } from './token-pair.ts'

/** A code as the token endpoint gets it (RFC 6749 §4.1.3). */
export interface PresentedCode {
  client: Client
  code: string
  redirectUri: string | undefined
  codeVerifier: string | undefined
  /** Hears whose tokens were revoked because the code came a second time. */
  onReuse?: (userId: number) => void
}

export interface ConsumedCode {
  tokens: IssuedTokens
  userId: number
  expiresAt: Date
  redirectUri: string
  codeChallenge: string | null
}

interface ConsumedRow {
  userId: number
  scopes: string[]
  expiresAt: Date
  redirectUri: string
  codeChallenge: string | null
  tokenId: bigint | null
}

/**
 * Trades a code for tokens, once.
 *
 * One statement decides, whoever else tries at the same time: it marks the code as used only if it is unused, unexpired
 * and this client's, and stores the tokens in the same breath. A wrong PKCE verifier uses the code up and gives nothing.
 * The grant is locked before its code, as a revocation does, so that neither waits for the other.
 * @throws Problem `invalid_grant`; `invalid_request` for a missing parameter
 */
export async function exchangeCode(
  db: Database,
  presented: PresentedCode,
  lifetimes: Lifetimes,
): Promise<ConsumedCode> {
  const { client, redirectUri, codeVerifier } = presented
  const now = new Date()
  const familyEndsAt = after(now, lifetimes.refreshTokenExpireSeconds)
  const access = newAccessToken(lifetimes, now, familyEndsAt)
  const refreshToken = client.grantTypes.includes('refresh_token') ? newSecret('refresh') : undefined
  const challenge = codeVerifier === undefined ? null : challengeOf(codeVerifier)
  const [row] = await query<ConsumedRow>(db)`
    WITH code AS (
      SELECT a.id, g.user_id
      FROM authorization_codes a JOIN grants g ON g.id = a.grant_id JOIN users u ON u.id = g.user_id
      WHERE a.code_hash = ${digest(presented.code)} AND a.used_at IS NULL AND a.expires_at > ${now}
        AND g.client_id = ${client.id} AND u.is_active
        AND (a.redirect_uri = ${redirectUri ?? assumedRedirectUri(client)}
          OR ${redirectUri ?? null}::text IS NULL AND a.requested_redirect_uri IS NULL)
        AND (a.code_challenge IS NULL OR ${challenge}::text IS NOT NULL)
      FOR KEY SHARE OF g
    ), consumed AS (
      UPDATE authorization_codes a SET used_at = ${now} FROM code WHERE a.id = code.id AND a.used_at IS NULL
      RETURNING a.id, a.grant_id, code.user_id, a.scopes, a.expires_at, a.redirect_uri, a.code_challenge
    ), family AS (
      INSERT INTO token_families (client_id, user_id, grant_id, code_id, scopes, rotation_key, created_at, expires_at)
      SELECT ${client.id}, user_id, grant_id, id, scopes, ${randomKey()}, ${now}::timestamptz,
        ${familyEndsAt}::timestamptz
      FROM consumed WHERE code_challenge IS NOT DISTINCT FROM ${challenge}::text
      RETURNING id, scopes
    ), token AS (
      INSERT INTO tokens (family_id, access_hash, access_expires_at, scopes, refresh_hash, refresh_expires_at, created_at)
      SELECT id, ${access.accessHash}, ${access.accessExpiresAt}::timestamptz, scopes,
        ${refreshToken === undefined ? null : digest(refreshToken)},
        ${refreshToken === undefined ? null : after(now, lifetimes.refreshTokenIdleSeconds)}::timestamptz, ${now}::timestamptz
      FROM family RETURNING id
    )
    SELECT user_id AS "userId", scopes, expires_at AS "expiresAt", redirect_uri AS "redirectUri",
      code_challenge AS "codeChallenge", (SELECT id FROM token) AS "tokenId"
    FROM consumed`
  if (row === undefined) return refuseCode(db, presented, challenge)
  if (row.tokenId === null) throw invalidGrant('The code_verifier does not match.')
  const { accessToken, accessExpiresAt } = access
  return { ...row, tokens: { accessToken, accessExpiresAt, refreshToken, scopes: row.scopes, createdAt: now } }
}

/**
 * Funkwhale lets `redirect_uri` be left out by clients that have registered just one, whether or not the authorization
 * request had it.
 */
function assumedRedirectUri({ redirectUris, origin }: Client): string | null {
  return origin === 'funkwhale' && redirectUris.length === 1 ? (redirectUris[0] ?? null) : null
}

/** S256 (RFC 7636 §4.6). What is no verifier (§4.1) has a challenge that no code has. */
function challengeOf(verifier: string): string {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return ''
  return createHash('sha256').update(verifier).digest('base64url')
}

function randomKey(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(32))
}

/**
 * Says why. A code that its own client uses a second time, with everything else right, has leaked: the tokens it gave
 * are revoked (RFC 6749 §4.1.2). Attempts of others change nothing.
 */
async function refuseCode(db: Database, presented: PresentedCode, challenge: string | null): Promise<never> {
  const { client, redirectUri } = presented
  const code = await db.authorizationCode.findUnique({
    where: { codeHash: digest(presented.code) },
    include: { grant: { select: { clientId: true, userId: true } } },
  })
  if (code === null || code.grant.clientId !== client.id) throw invalidGrant('The authorization code is not valid.')
  const given =
    redirectUri ?? assumedRedirectUri(client) ?? (code.requestedRedirectUri === null ? code.redirectUri : null)
  if (given === null) throw new Problem('invalid_request', 'Missing redirect URI.')
  if (code.redirectUri !== given) throw invalidGrant('The redirect_uri is not the one of the authorization request.')
  if (code.codeChallenge !== null && challenge === null) {
    throw verifierRequired()
  }
  if (code.usedAt === null) throw invalidGrant('The authorization code has expired.')
  if (code.codeChallenge === challenge) {
    await db.tokenFamily.deleteMany({ where: { codeId: code.id } })
    presented.onReuse?.(code.grant.userId)
  }
  throw invalidGrant('The authorization code has already been used.')
}

function invalidGrant(message: string): Problem {
  return new Problem('invalid_grant', message)
}

export function verifierRequired(): Problem {
  return new Problem('invalid_request', 'Code verifier required.')
}

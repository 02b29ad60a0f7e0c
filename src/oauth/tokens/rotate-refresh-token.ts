import type { Database } from '../../db/database.ts'
import { execute, query } from '../../db/statements.ts'
import { Problem } from '../../lib/problem.ts'
import { deriveSecret, digest } from '../../lib/secrets.ts'
import { after, type IssuedTokens, type Lifetimes, newAccessToken } from './token-pair.ts'

/** A refresh token that exists, as stored. */
export interface StoredRefreshToken {
  tokenId: bigint
  familyId: bigint
  clientId: number
  userId: number | null
  /** Of the whole family; a refresh may narrow the access token but not the family (RFC 6749 §6). */
  scopes: string[]
  rotationKey: Uint8Array
  /** The earlier of idle and absolute end. */
  expiresAt: Date
  rotatedAt: Date | null
  familyExpiresAt: Date | null
}

/** Undefined when it was never issued, its family was revoked, or its user is no longer active. */
export async function findRefreshToken(db: Database, refreshToken: string): Promise<StoredRefreshToken | undefined> {
  const [row] = await query<StoredRefreshToken>(db)`
    SELECT t.id AS "tokenId", f.id AS "familyId", f.client_id AS "clientId", f.user_id AS "userId", f.scopes,
      f.rotation_key AS "rotationKey", LEAST(t.refresh_expires_at, f.expires_at) AS "expiresAt",
      t.rotated_at AS "rotatedAt", f.expires_at AS "familyExpiresAt"
    FROM tokens t JOIN token_families f ON f.id = t.family_id LEFT JOIN users u ON u.id = f.user_id
    WHERE t.refresh_hash = ${digest(refreshToken)} AND u.is_active IS NOT FALSE`
  return row
}

export interface Rotation {
  stored: StoredRefreshToken
  presented: string
  /** Of the new access token; part of the family's. */
  scopes: string[]
  /** Hears whose tokens were revoked because the token had been used before. */
  onReuse?: (userId: number) => void
}

/**
 * Replaces a refresh token by its successor and a new access token (RFC 9700 §4.14.2).
 *
 * One statement decides, whoever else tries at the same time: it marks the token as rotated only if it is not yet, and
 * stores the successor in the same breath. The successor is derived from the presented token, so that a client whose
 * answer was lost gets the same one when it asks again within the grace time, as long as nobody has used it. The family
 * is locked before its token, as a revocation does, so that neither waits for the other.
 * @throws Problem `invalid_grant`; a token that was used before ends its family
 */
export async function rotateRefreshToken(
  db: Database,
  rotation: Rotation,
  lifetimes: Lifetimes,
): Promise<IssuedTokens> {
  const { stored, presented, scopes, onReuse } = rotation
  const now = new Date()
  const { accessHash, ...access } = newAccessToken(lifetimes, now, stored.familyExpiresAt)
  const refreshToken = deriveSecret('refresh', stored.rotationKey, presented)
  const tokens = { ...access, refreshToken, scopes, createdAt: now }
  const { tokenId, familyId } = stored
  const rotated = await execute(db)`
    WITH family AS (
      SELECT id FROM token_families WHERE id = ${familyId} FOR KEY SHARE
    ), presented AS (
      UPDATE tokens t SET rotated_at = ${now}, access_hash = NULL FROM family
      WHERE t.id = ${tokenId} AND t.family_id = family.id AND t.rotated_at IS NULL
      RETURNING t.id, t.family_id
    )
    INSERT INTO tokens
      (family_id, predecessor_id, access_hash, access_expires_at, scopes, refresh_hash, refresh_expires_at, created_at)
    SELECT family_id, id, ${accessHash}, ${access.accessExpiresAt}::timestamptz, ${scopes}, ${digest(refreshToken)},
      ${after(now, lifetimes.refreshTokenIdleSeconds)}::timestamptz, ${now}::timestamptz
    FROM presented`
  if (rotated === 1) return tokens
  // Both ways, so that a clock that was set back does not stretch it.
  const graceSeconds = lifetimes.refreshTokenGraceSeconds
  const repeated = await execute(db)`
    UPDATE tokens s SET access_hash = ${accessHash}, access_expires_at = ${access.accessExpiresAt}, scopes = ${scopes}
    FROM tokens t
    WHERE t.id = ${tokenId} AND s.predecessor_id = t.id AND s.rotated_at IS NULL
      AND t.rotated_at > ${after(now, -graceSeconds)} AND t.rotated_at < ${after(now, graceSeconds)}`
  if (repeated === 1) return tokens
  const { count } = await db.tokenFamily.deleteMany({ where: { id: familyId } })
  if (count === 0) throw new Problem('invalid_grant', 'The refresh token is not valid.')
  if (stored.userId !== null) onReuse?.(stored.userId)
  throw reused()
}

function reused(): Problem {
  return new Problem('invalid_grant', 'The refresh token has been used before; the access it gave has ended.', {
    cause: 'refresh token reuse',
  })
}

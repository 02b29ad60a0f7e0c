import { randomBytes } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { execute } from '../../db/statements.ts'
import { type IssuedTokens, type Lifetimes, newAccessToken } from './token-pair.ts'

/**
 * An access token with which a client acts for itself (RFC 6749 §4.4); it gets no refresh token (§4.4.3).
 * One statement.
 */
export async function issueClientToken(
  db: Database,
  { clientId, scopes }: { clientId: number; scopes: string[] },
  lifetimes: Lifetimes,
): Promise<IssuedTokens> {
  const now = new Date()
  const { accessHash, ...access } = newAccessToken(lifetimes, now, null)
  await execute(db)`
    WITH family AS (
      INSERT INTO token_families (client_id, scopes, rotation_key, created_at, expires_at)
      VALUES (${clientId}, ${scopes}, ${Uint8Array.from(randomBytes(32))}, ${now}, ${access.accessExpiresAt})
      RETURNING id
    )
    INSERT INTO tokens (family_id, access_hash, access_expires_at, scopes, created_at)
    SELECT id, ${accessHash}, ${access.accessExpiresAt}::timestamptz, ${scopes}, ${now}::timestamptz FROM family`
  return { ...access, refreshToken: undefined, scopes, createdAt: now }
}

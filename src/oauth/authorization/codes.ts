import type { Database } from '../../db/database.ts'
import { execute } from '../../db/statements.ts'
import { digest, newSecret } from '../../lib/secrets.ts'
import { inSlices, type Slice } from '../../maintenance/batches.ts'
import { longExpired, type Round } from '../../maintenance/maintenance.ts'

const prunedAtOnce = 1000

export interface NewCode {
  userId: number
  /** Row id. */
  clientId: number
  redirectUri: string
  requestedRedirectUri: string | undefined
  scopes: string[]
  codeChallenge: string | undefined
  lifetimeSeconds: number
}

/**
 * Issues an authorization code (RFC 6749 §4.1.2) and notes what was granted: an existing grant for the same client keeps
 * what it had and gains these scopes. One statement, so that no code is without its grant.
 */
export async function issueCode(db: Database, input: NewCode): Promise<string> {
  const code = newSecret('code')
  const now = new Date()
  await execute(db)`
    WITH granted AS (
      INSERT INTO grants AS g (user_id, client_id, scopes, created_at, updated_at)
      VALUES (${input.userId}, ${input.clientId}, ${input.scopes}, ${now}, ${now})
      ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = excluded.updated_at,
        scopes = ARRAY(SELECT DISTINCT unnest(g.scopes || excluded.scopes) ORDER BY 1)
      RETURNING id
    )
    INSERT INTO authorization_codes
      (code_hash, grant_id, requested_redirect_uri, redirect_uri, scopes, code_challenge, created_at, expires_at)
    SELECT ${digest(code)}, id, ${input.requestedRedirectUri ?? null}, ${input.redirectUri}, ${input.scopes},
      ${input.codeChallenge ?? null}, ${now}::timestamptz, ${new Date(now.getTime() + input.lifetimeSeconds * 1000)}::timestamptz
    FROM granted`
  return code
}

/**
 * Takes the one decision a request gets, and gives it a code. One statement, so that no answered request is without its
 * code. Client and user are locked first, as their deletion does, so that neither waits for the other.
 * @returns undefined if the request was decided before, has expired or is gone
 */
export async function allowRequest(
  db: Database,
  { idHash, userId, clientId }: { idHash: Uint8Array<ArrayBuffer>; userId: number; clientId: number },
  { scopes, lifetimeSeconds }: { scopes: string[]; lifetimeSeconds: number },
): Promise<string | undefined> {
  const code = newSecret('code')
  const now = new Date()
  const issued = await execute(db)`
    WITH parties AS (
      SELECT u.id FROM users u, clients c WHERE u.id = ${userId} AND c.id = ${clientId} FOR KEY SHARE
    ), decided AS (
      UPDATE authorization_requests a SET decided_at = ${now} FROM parties
      WHERE a.id_hash = ${idHash} AND a.user_id = parties.id AND a.decided_at IS NULL AND a.expires_at > ${now}
      RETURNING a.requested_redirect_uri, a.redirect_uri, a.code_challenge
    ), granted AS (
      INSERT INTO grants AS g (user_id, client_id, scopes, created_at, updated_at)
      SELECT ${userId}, ${clientId}, ${scopes}, ${now}::timestamptz, ${now}::timestamptz FROM decided
      ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = excluded.updated_at,
        scopes = ARRAY(SELECT DISTINCT unnest(g.scopes || excluded.scopes) ORDER BY 1)
      RETURNING id
    )
    INSERT INTO authorization_codes
      (code_hash, grant_id, requested_redirect_uri, redirect_uri, scopes, code_challenge, created_at, expires_at)
    SELECT ${digest(code)}, id, requested_redirect_uri, redirect_uri, ${scopes}, code_challenge, ${now}::timestamptz,
      ${new Date(now.getTime() + lifetimeSeconds * 1000)}::timestamptz
    FROM granted, decided`
  return issued === 1 ? code : undefined
}

/** What the page that shows a code needs; undefined when the code is not this user's. */
export async function findOwnCode(db: Database, userId: number, code: string) {
  const found = await db.authorizationCode.findFirst({
    where: { codeHash: digest(code), grant: { userId } },
    include: { grant: { include: { client: true } } },
  })
  if (found === null) return undefined
  return {
    client: found.grant.client,
    redirectUri: found.redirectUri,
    expiresAt: found.expiresAt,
    usedAt: found.usedAt,
  }
}

/** Forgets codes that have expired, except where tokens live that a second use of the code would have to end. */
export function pruneCodes(db: Database, round: Round): Promise<number> {
  const cutoff = longExpired(round)
  return inSlices(round, async (after) => {
    const [slice] = await db.$queryRaw<Slice[]>`
      WITH slice AS (
        SELECT id FROM authorization_codes WHERE id > ${after} ORDER BY id LIMIT ${prunedAtOnce}
      ), gone AS (
        DELETE FROM authorization_codes a USING slice
        WHERE a.id = slice.id AND a.expires_at < ${cutoff}
          AND NOT EXISTS (SELECT FROM token_families f WHERE f.code_id = a.id)
        RETURNING a.id
      )
      SELECT max(id) AS last, (SELECT count(*)::int FROM gone) AS done FROM slice`
    return slice
  })
}

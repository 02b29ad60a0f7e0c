import { randomBytes } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import type { Client, DeviceAuthorization } from '../../db/generated/client.ts'
import { Problem } from '../../lib/problem.ts'
import { digest, newSecret } from '../../lib/secrets.ts'
import { after, type IssuedTokens, type Lifetimes, newAccessToken } from '../tokens/token-pair.ts'

/** How much longer a device has to wait that asked too early (RFC 8628 §3.5). */
const slowDownSeconds = 5

/**
 * Answers a polling device (RFC 8628 §3.4): tokens once the user has allowed it, and until then the reason why not.
 *
 * One statement decides: it marks the authorization as used only if it was allowed and is unused, notes the grant and
 * stores the tokens in the same breath.
 * @throws Problem `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`
 */
export async function redeemDeviceCode(
  db: Database,
  { client, deviceCode }: { client: Client; deviceCode: string },
  lifetimes: Lifetimes,
): Promise<IssuedTokens> {
  const device = await db.deviceAuthorization.findUnique({
    where: { deviceCodeHash: digest(deviceCode) },
    include: { user: { select: { isActive: true } } },
  })
  if (device === null || device.clientId !== client.id || device.usedAt !== null || device.user?.isActive === false) {
    throw new Problem('invalid_grant', 'The device code is not valid.')
  }
  if (device.deniedAt !== null) throw new Problem('access_denied', 'The resource owner denied the request.')
  const now = new Date()
  if (device.expiresAt <= now) throw new Problem('expired_token', 'The device code has expired.')
  if (device.approvedAt === null) return keepWaiting(db, device, now)
  return issueDeviceTokens(db, { client, device, now }, lifetimes)
}

/** Polling is counted in the database, so that several pods agree on who is too fast. */
async function keepWaiting(db: Database, device: DeviceAuthorization, now: Date): Promise<never> {
  const { id, lastPolledAt, intervalSeconds } = device
  const tooEarly = lastPolledAt !== null && now < after(lastPolledAt, intervalSeconds)
  await db.deviceAuthorization.update({
    where: { id },
    data: { lastPolledAt: now, ...(tooEarly && { intervalSeconds: { increment: slowDownSeconds } }) },
  })
  if (tooEarly) throw new Problem('slow_down', `Wait ${intervalSeconds + slowDownSeconds} seconds between requests.`)
  throw new Problem('authorization_pending', 'The resource owner has not decided yet.')
}

async function issueDeviceTokens(
  db: Database,
  { client, device, now }: { client: Client; device: DeviceAuthorization; now: Date },
  lifetimes: Lifetimes,
): Promise<IssuedTokens> {
  const familyEndsAt = after(now, lifetimes.refreshTokenExpireSeconds)
  const { accessHash, ...access } = newAccessToken(lifetimes, now, familyEndsAt)
  const refreshToken = client.grantTypes.includes('refresh_token') ? newSecret('refresh') : undefined
  const scopes = device.grantedScopes
  const issued = await db.$executeRaw`
    WITH redeemed AS (
      UPDATE device_authorizations SET used_at = ${now} WHERE id = ${device.id} AND used_at IS NULL RETURNING user_id
    ), granted AS (
      INSERT INTO grants AS g (user_id, client_id, scopes, created_at, updated_at)
      SELECT user_id, ${client.id}, ${scopes}, ${now}::timestamptz, ${now}::timestamptz FROM redeemed
      ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = excluded.updated_at,
        scopes = ARRAY(SELECT DISTINCT unnest(g.scopes || excluded.scopes) ORDER BY 1)
      RETURNING id, user_id
    ), family AS (
      INSERT INTO token_families (client_id, user_id, grant_id, scopes, rotation_key, created_at, expires_at)
      SELECT ${client.id}, user_id, id, ${scopes}, ${Uint8Array.from(randomBytes(32))}, ${now}::timestamptz,
        ${familyEndsAt}::timestamptz
      FROM granted RETURNING id
    )
    INSERT INTO tokens (family_id, access_hash, access_expires_at, scopes, refresh_hash, refresh_expires_at, created_at)
    SELECT id, ${accessHash}, ${access.accessExpiresAt}::timestamptz, ${scopes},
      ${refreshToken === undefined ? null : digest(refreshToken)},
      ${refreshToken === undefined ? null : after(now, lifetimes.refreshTokenIdleSeconds)}::timestamptz, ${now}::timestamptz
    FROM family`
  if (issued === 0) throw new Problem('invalid_grant', 'The device code has already been used.')
  return { ...access, refreshToken, scopes, createdAt: now }
}

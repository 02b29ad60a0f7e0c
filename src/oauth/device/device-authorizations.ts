import type { Database } from '../../db/database.ts'
import type { Client, DeviceAuthorization } from '../../db/generated/client.ts'
import { digest, newSecret, newUserCode, normalizeUserCode } from '../../lib/secrets.ts'
import { deleteAll } from '../../maintenance/batches.ts'
import { longExpired, type Round } from '../../maintenance/maintenance.ts'

/** Ten minutes to fetch a phone and type the code. */
export const deviceCodeLifetimeSeconds = 600
/** RFC 8628 §3.2; five more for every poll that comes too early (§3.5). */
export const pollIntervalSeconds = 5

export interface StartedDevice {
  deviceCode: string
  userCode: string
}

/** RFC 8628 §3.2. */
export async function startDeviceAuthorization(
  db: Database,
  { clientId, scopes }: { clientId: number; scopes: string[] },
): Promise<StartedDevice> {
  const now = new Date()
  const deviceCode = newSecret('device')
  const userCode = newUserCode()
  await db.deviceAuthorization.create({
    data: {
      deviceCodeHash: digest(deviceCode),
      userCodeHash: digest(userCode),
      clientId,
      scopes,
      intervalSeconds: pollIntervalSeconds,
      createdAt: now,
      expiresAt: new Date(now.getTime() + deviceCodeLifetimeSeconds * 1000),
    },
  })
  return { deviceCode, userCode }
}

export type PendingDevice = DeviceAuthorization & { client: Client }

/** The request behind a code that somebody typed, as long as it waits for a decision. */
export async function findByUserCode(db: Database, typed: string): Promise<PendingDevice | undefined> {
  const userCode = normalizeUserCode(typed)
  if (userCode === undefined) return undefined
  const found = await db.deviceAuthorization.findFirst({
    where: { userCodeHash: digest(userCode), expiresAt: { gt: new Date() }, approvedAt: null, deniedAt: null },
    include: { client: true },
  })
  return found ?? undefined
}

/** Takes the one decision a request gets; false = somebody was faster, or it has expired. */
export async function decideDevice(
  db: Database,
  device: PendingDevice,
  { userId, scopes }: { userId: number; scopes: string[] | 'denied' },
): Promise<boolean> {
  const now = new Date()
  const { count } = await db.deviceAuthorization.updateMany({
    where: { id: device.id, approvedAt: null, deniedAt: null, expiresAt: { gt: now } },
    data: scopes === 'denied' ? { userId, deniedAt: now } : { userId, approvedAt: now, grantedScopes: scopes },
  })
  return count === 1
}

/** Forgets authorizations whose codes have expired; the tokens they gave stay. */
export function pruneDeviceAuthorizations(db: Database, round: Round): Promise<number> {
  const where = { expiresAt: { lt: longExpired(round) } }
  return deleteAll(round, (limit) => db.deviceAuthorization.deleteMany({ where, limit }))
}

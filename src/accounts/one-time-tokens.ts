import { createHmac } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { OneTimeToken, User } from '../db/generated/client.ts'
import { isSecretOf, newSecret } from '../lib/secrets.ts'
import { deleteAll } from '../maintenance/batches.ts'
import { longExpired, type Round } from '../maintenance/maintenance.ts'

export type Purpose = 'verify-email' | 'change-email' | 'reset-password'

const hour = 60 * 60 * 1000

const validMs = {
  'verify-email': 72 * hour,
  'change-email': 72 * hour,
  'reset-password': hour,
} as const satisfies Record<Purpose, number>

type Holder = Pick<User, 'id' | 'secretKey'>

/**
 * Makes what a link in a mail proves itself with. It works once and for a while. The user's secret key is part of what is
 * stored, so every link ends when the password changes.
 * @param email where it is sent
 */
export async function issueOneTimeToken(
  db: Database,
  user: Holder,
  { purpose, email }: { purpose: Purpose; email: string },
): Promise<string> {
  const now = new Date()
  const token = newSecret('link')
  await db.oneTimeToken.deleteMany({ where: { userId: user.id, expiresAt: { lt: now } } })
  await db.oneTimeToken.create({
    data: {
      userId: user.id,
      purpose,
      tokenHash: hashFor(user, token),
      email,
      createdAt: now,
      expiresAt: new Date(now.getTime() + validMs[purpose]),
    },
  })
  return token
}

/** Looks at a token without using it. */
export async function findOneTimeToken(
  db: Database,
  user: Holder | null,
  { purposes, token }: { purposes: Purpose[]; token: string },
): Promise<OneTimeToken | undefined> {
  if (!isSecretOf('link', token)) return undefined
  const row = await db.oneTimeToken.findUnique({ where: { tokenHash: hashFor(user ?? nobody, token) } })
  const isLive = row !== null && row.usedAt === null && row.expiresAt > new Date()
  return isLive && purposes.some((purpose) => purpose === row.purpose) ? row : undefined
}

/** Whether this caller is the one who uses it: of several at a time, one is. */
export async function useOneTimeToken(db: Database, { id }: OneTimeToken): Promise<boolean> {
  const now = new Date()
  const { count } = await db.oneTimeToken.updateMany({
    where: { id, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  })
  return count === 1
}

/** Ends links that were sent and not used yet. */
export async function endOneTimeTokens(db: Database, userId: number, purpose: Purpose): Promise<void> {
  await db.oneTimeToken.deleteMany({ where: { userId, purpose, usedAt: null } })
}

/** Stands for users that do not exist, so that looking for theirs takes as long. */
const nobody: Holder = { id: 0, secretKey: new Uint8Array(32) }

function hashFor({ secretKey }: Holder, token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHmac('sha256', secretKey).update(token).digest())
}

/** How links name a user. */
export function uidOf({ id }: Pick<User, 'id'>): string {
  return Buffer.from(String(id)).toString('base64url')
}

/** Undefined = no such spelling. */
export function readUid(uid: string): number | undefined {
  const text = Buffer.from(uid, 'base64url').toString()
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/** Forgets tokens of links that have expired, used or not. */
export function pruneOneTimeTokens(db: Database, round: Round): Promise<number> {
  const where = { expiresAt: { lt: longExpired(round) } }
  return deleteAll(round, (limit) => db.oneTimeToken.deleteMany({ where, limit }))
}

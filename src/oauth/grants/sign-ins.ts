import type { Database } from '../../db/database.ts'
import { notFound } from '../../lib/problem.ts'

/** One sign-in of a client: a device, or a browser. Its tokens replace each other. */
export interface SignIn {
  id: bigint
  createdAt: Date
  lastUsedAt: Date | null
  /** Null = it lasts until it is ended. */
  expiresAt: Date | null
}

/** The sign-ins that a grant's tokens come from and that still live, newest first. */
export async function listSignIns(db: Database, grantId: number): Promise<SignIn[]> {
  return db.tokenFamily.findMany({
    where: { grantId, ...stillLiving() },
    select: { id: true, createdAt: true, lastUsedAt: true, expiresAt: true },
    orderBy: { id: 'desc' },
  })
}

/** How many sign-ins of a user live, whatever the client. */
export async function countSignIns(db: Database, userId: number): Promise<number> {
  return db.tokenFamily.count({ where: { userId, ...stillLiving() } })
}

export function stillLiving() {
  return { OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] }
}

/**
 * Ends one sign-in: all of its tokens are dead at once.
 * @throws Problem `not_found` also when it is somebody else's
 */
export async function endSignIn(db: Database, userId: number, id: number | bigint): Promise<void> {
  const { count } = await db.tokenFamily.deleteMany({ where: { id, userId } })
  if (count === 0) throw notFound('sign-in of this user')
}

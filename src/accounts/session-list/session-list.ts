import type { Database } from '../../db/database.ts'
import type { Session } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'

/** The browsers a user is signed in with, the one last used first. */
export async function listSessions(db: Database, userId: number): Promise<Session[]> {
  return db.session.findMany({ where: { userId, expiresAt: { gt: new Date() } }, orderBy: { lastSeenAt: 'desc' } })
}

/**
 * Signs one browser of the user out.
 * @param key as `keyOfSession` gives it
 * @throws Problem `not_found`
 */
export async function endSessionByKey(db: Database, userId: number, key: string): Promise<void> {
  const idHash = Uint8Array.from(Buffer.from(key, 'base64url'))
  const { count } = await db.session.deleteMany({ where: { userId, idHash } })
  if (count === 0) throw notFound('session')
}

/** @param except the key of a session that goes on; undefined = none does @returns how many ended */
export async function endOtherSessions(db: Database, userId: number, except: string | undefined): Promise<number> {
  const keep = except === undefined ? {} : { NOT: { idHash: Uint8Array.from(Buffer.from(except, 'base64url')) } }
  const { count } = await db.session.deleteMany({ where: { userId, ...keep } })
  return count
}

/** Names a session without giving it away. */
export function keyOfSession({ idHash }: Pick<Session, 'idHash'>): string {
  return Buffer.from(idHash).toString('base64url')
}

import type { Database, DatabaseClient } from '../../db/database.ts'
import { notFound } from '../../lib/problem.ts'
import { revokeAllGrants } from '../grants/grants.ts'

/**
 * Ends everything that speaks for a user without a password: what they allowed clients, and the access tokens of their
 * own applications.
 * @returns how many tokens ended, those that were expired included
 */
export async function revokeTokensOfUser(db: DatabaseClient, userId: number): Promise<number> {
  return db.$transaction((transaction) => endAllAccess(transaction, userId))
}

/** The same as a part of something larger. @param db an open transaction */
export async function endAllAccess(db: Database, userId: number): Promise<number> {
  const families = await db.tokenFamily.count({ where: { userId } })
  await revokeAllGrants(db, userId)
  await db.tokenFamily.deleteMany({ where: { userId } })
  const own = { ownerId: userId, applicationTokenHash: { not: null } }
  const { count } = await db.client.updateMany({ where: own, data: { applicationTokenHash: null } })
  return families + count
}

/** Ends everything that one client was allowed by anybody. @throws Problem `not_found` @returns how many tokens ended */
export async function revokeTokensOfClient(db: DatabaseClient, publicId: string): Promise<number> {
  const client = await db.client.findUnique({ where: { clientId: publicId } })
  if (client === null) throw notFound('client')
  const clientId = client.id
  return db.$transaction(async (transaction) => {
    const families = await transaction.tokenFamily.count({ where: { clientId } })
    await transaction.deviceAuthorization.deleteMany({ where: { clientId } })
    await transaction.grant.deleteMany({ where: { clientId } })
    await transaction.tokenFamily.deleteMany({ where: { clientId } })
    return families
  })
}

import type { Database } from '../../db/database.ts'
import type { Prisma } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import { endSignIn, stillLiving } from '../../oauth/grants/sign-ins.ts'
import type { Slice } from '../paging.ts'

const withClient = { client: { select: { name: true, website: true } } } as const satisfies Prisma.TokenFamilyInclude

/** What one sign-in of a client gave it: a token, or a chain of tokens that replace each other. */
export type UserToken = Prisma.TokenFamilyGetPayload<{ include: typeof withClient }>

function tokensOf(userId: number) {
  return { userId, ...stillLiving() }
}

export async function listTokens(db: Database, userId: number, { where, ...slice }: Slice): Promise<UserToken[]> {
  return db.tokenFamily.findMany({ where: { ...tokensOf(userId), ...where }, include: withClient, ...slice })
}

/** @throws Problem `not_found` also when the token is somebody else's */
export async function findToken(db: Database, userId: number, id: number): Promise<UserToken> {
  const found = await db.tokenFamily.findFirst({ where: { ...tokensOf(userId), id }, include: withClient })
  if (found === null) throw notFound('token of this user')
  return found
}

/**
 * Ends a token, and with it all that came from the same sign-in.
 * @throws Problem `not_found` also when the token is somebody else's
 */
export async function invalidateToken(db: Database, userId: number, id: number): Promise<UserToken> {
  const found = await findToken(db, userId, id)
  await endSignIn(db, userId, id)
  return found
}

import type { Database } from '../../db/database.ts'
import type { Client, Grant } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'

/** A grant, its client, and when its tokens were last used. */
export type GrantWithUse = Grant & { client: Client; lastUsedAt: Date | null }

const withUse = {
  client: true,
  tokenFamilies: { select: { lastUsedAt: true }, orderBy: { lastUsedAt: { sort: 'desc', nulls: 'last' } }, take: 1 },
} as const

/** What the user has allowed which clients, newest client first. */
export async function listGrants(db: Database, userId: number): Promise<GrantWithUse[]> {
  const grants = await db.grant.findMany({ where: { userId }, include: withUse, orderBy: { clientId: 'desc' } })
  return grants.map(flatten)
}

/** @throws Problem `not_found` */
export async function findGrant(db: Database, userId: number, clientId: string): Promise<GrantWithUse> {
  const grant = await db.grant.findFirst({ where: { userId, client: { clientId } }, include: withUse })
  if (grant === null) throw notFound('grant')
  return flatten(grant)
}

/**
 * Takes back what the user allowed a client: its tokens and unused codes end at once.
 * @returns the client's name
 * @throws Problem `not_found`
 */
export async function revokeGrant(db: Database, userId: number, clientId: string): Promise<string> {
  const { id, client } = await findGrant(db, userId, clientId)
  const { count } = await db.grant.deleteMany({ where: { id } })
  if (count === 0) throw notFound('grant')
  return client.name
}

function flatten<Row extends { tokenFamilies: { lastUsedAt: Date | null }[] }>({ tokenFamilies, ...grant }: Row) {
  return { ...grant, lastUsedAt: tokenFamilies[0]?.lastUsedAt ?? null }
}

import { narrowScopes } from '../../access/permission-rows.ts'
import type { Leaf } from '../../access/scopes.ts'
import type { Database, DatabaseClient } from '../../db/database.ts'
import type { Client, Grant } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import { inSlices, type Slice } from '../../maintenance/batches.ts'
import { longExpired, type Round } from '../../maintenance/maintenance.ts'

const prunedAtOnce = 1000

/** A grant, its client, and when its tokens were last used. */
export type GrantWithUse = Grant & { client: Client; lastUsedAt: Date | null }

const withUse = {
  client: true,
  tokenFamilies: { select: { lastUsedAt: true }, orderBy: { lastUsedAt: { sort: 'desc', nulls: 'last' } }, take: 1 },
} as const

/** Grants of which a client has tokens, even expired ones, or a code that it can still use. */
function inUse(now: Date) {
  const usable = { usedAt: null, expiresAt: { gt: now } }
  return { OR: [{ tokenFamilies: { some: {} } }, { authorizationCodes: { some: usable } }] }
}

/** What the user has allowed which clients, newest client first. */
export async function listGrants(db: Database, userId: number): Promise<GrantWithUse[]> {
  const where = { userId, ...inUse(new Date()) }
  const grants = await db.grant.findMany({ where, include: withUse, orderBy: { clientId: 'desc' } })
  return grants.map(flatten)
}

/** @throws Problem `not_found` */
export async function findGrant(db: Database, userId: number, clientId: string): Promise<GrantWithUse> {
  const where = { userId, client: { clientId }, ...inUse(new Date()) }
  const grant = await db.grant.findFirst({ where, include: withUse })
  if (grant === null) throw notFound('grant')
  return flatten(grant)
}

/**
 * Takes back what the user allowed a client: its tokens, unused codes and devices that were let in end at once.
 * @returns the client's name
 * @throws Problem `not_found`
 */
export async function revokeGrant(db: Database, userId: number, clientId: string): Promise<string> {
  const { id, client } = await findGrant(db, userId, clientId)
  await forgetDevices(db, { userId, clientId: client.id })
  const { count } = await db.grant.deleteMany({ where: { id } })
  if (count === 0) throw notFound('grant')
  return client.name
}

/** Takes back everything the user has allowed anybody. */
export async function revokeAllGrants(db: Database, userId: number): Promise<void> {
  await forgetDevices(db, { userId })
  await db.grant.deleteMany({ where: { userId } })
}

/** Devices that the user let in and that have not fetched their tokens: they would make a grant of their own. */
async function forgetDevices(db: Database, of: { userId: number; clientId?: number }): Promise<void> {
  await db.deviceAuthorization.deleteMany({ where: { ...of, approvedAt: { not: null }, usedAt: null } })
}

function flatten<Row extends { tokenFamilies: { lastUsedAt: Date | null }[] }>({ tokenFamilies, ...grant }: Row) {
  return { ...grant, lastUsedAt: tokenFamilies[0]?.lastUsedAt ?? null }
}

/**
 * Takes permissions out of a grant and out of every token it gave; codes that were not used yet are void, and devices
 * that have not fetched their tokens. Locks the grant, so that no code is traded meanwhile.
 * @throws Problem `not_found`
 */
export async function narrowGrant(
  db: DatabaseClient,
  { userId, clientId }: { userId: number; clientId: string },
  kept: Iterable<Leaf>,
): Promise<GrantWithUse> {
  const leaves = [...kept]
  const { id, client } = await findGrant(db, userId, clientId)
  await db.$transaction(async (transaction) => {
    await forgetDevices(transaction, { userId, clientId: client.id })
    await transaction.$queryRaw`SELECT id FROM grants WHERE id = ${id} FOR UPDATE`
    await transaction.authorizationCode.deleteMany({ where: { grantId: id, usedAt: null } })
    const families = await transaction.tokenFamily.findMany({ where: { grantId: id }, include: { tokens: true } })
    for (const { id, scopes, tokens } of families) {
      await transaction.tokenFamily.update({ where: { id }, data: { scopes: narrowScopes(scopes, leaves) } })
      for (const token of tokens.filter(({ rotatedAt }) => rotatedAt === null)) {
        const narrowed = narrowScopes(token.scopes, leaves)
        await transaction.token.update({ where: { id: token.id }, data: { scopes: narrowed } })
      }
    }
    const { scopes } = await transaction.grant.findUniqueOrThrow({ where: { id } })
    await transaction.grant.update({
      where: { id },
      data: { scopes: narrowScopes(scopes, leaves), updatedAt: new Date() },
    })
  })
  return findGrant(db, userId, clientId)
}

/**
 * Forgets what was allowed to clients that have nothing left of it. Whoever allows something again changes `updated_at`
 * in the same statement that makes the code, so that this one passes the grant by.
 */
export function pruneGrants(db: Database, round: Round): Promise<number> {
  const cutoff = longExpired(round)
  return inSlices(round, async (after) => {
    const [slice] = await db.$queryRaw<Slice[]>`
      WITH slice AS (
        SELECT id FROM grants WHERE id > ${after} ORDER BY id LIMIT ${prunedAtOnce}
      ), gone AS (
        DELETE FROM grants g USING slice
        WHERE g.id = slice.id AND g.updated_at < ${cutoff}
          AND NOT EXISTS (SELECT FROM token_families f WHERE f.grant_id = g.id)
          AND NOT EXISTS (SELECT FROM authorization_codes a WHERE a.grant_id = g.id)
        RETURNING g.id
      )
      SELECT max(id)::bigint AS last, (SELECT count(*)::int FROM gone) AS done FROM slice`
    return slice
  })
}

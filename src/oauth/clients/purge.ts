import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { inBatches } from '../../maintenance/batches.ts'

const atOnce = 500

export interface ListedClient {
  clientId: string
  name: string
  origin: string
  owner: string | null
  createdAt: Date
  /** People who have allowed it something. */
  grants: number
  tokens: number
}

/** Every client there is, newest first. */
export async function listAllClients(db: Database): Promise<ListedClient[]> {
  const rows = await db.client.findMany({
    include: { owner: { select: { username: true } }, _count: { select: { grants: true, tokenFamilies: true } } },
    orderBy: { id: 'desc' },
  })
  return rows.map(({ clientId, name, origin, owner, createdAt, _count }) => ({
    clientId,
    name,
    origin,
    owner: owner?.username ?? null,
    createdAt,
    grants: _count.grants,
    tokens: _count.tokenFamilies,
  }))
}

/** Registered by nobody in particular before then, and nobody has allowed it anything, is about to, or has given it a rate. */
function unused(before: Date): Prisma.Sql {
  return Prisma.sql`c.owner_id IS NULL AND c.created_at < ${before} AND c.updated_at < ${before}
    AND NOT EXISTS (SELECT FROM grants o WHERE o.client_id = c.id)
    AND NOT EXISTS (SELECT FROM token_families o WHERE o.client_id = c.id)
    AND NOT EXISTS (SELECT FROM authorization_requests o WHERE o.client_id = c.id)
    AND NOT EXISTS (SELECT FROM device_authorizations o WHERE o.client_id = c.id)
    AND NOT EXISTS (SELECT FROM rate_limit_overrides o WHERE o.client_id = c.id)`
}

export async function countUnusedClients(db: Database, before: Date): Promise<number> {
  const [row] = await db.$queryRaw<
    { count: number }[]
  >`SELECT count(*)::int AS count FROM clients c WHERE ${unused(before)}`
  return row?.count ?? 0
}

/** Deletes clients that were registered without an account and never used. @returns how many */
export function purgeUnusedClients(db: Database, before: Date, onProgress?: (count: number) => void): Promise<number> {
  let all = 0
  return inBatches({ goOn: () => true }, async () => {
    const count = await db.$executeRaw`
      DELETE FROM clients WHERE id IN (
        SELECT c.id FROM clients c WHERE ${unused(before)} LIMIT ${atOnce} FOR UPDATE SKIP LOCKED
      )`
    all += count
    onProgress?.(all)
    return count
  })
}

import type { Database } from '../../db/database.ts'
import { invalidField, notFound } from '../../lib/problem.ts'
import { isThrottleScope, parseRate, type RateSetting, type ThrottleScope } from '../../throttling.ts'

/** Whose rate differs from the configured one: a user, by name, or a client, by its client_id. */
export type OverrideOwner = { username: string } | { clientId: string }

/** Rates by scope of one user or client. */
type Rates = Map<ThrottleScope, RateSetting>

export interface Overrides {
  ofUsers: ReadonlyMap<number, Rates>
  ofClients: ReadonlyMap<number, Rates>
  /** Row ids of the clients that have rates, by client_id. */
  clients: ReadonlyMap<string, number>
}

export const noOverrides: Overrides = { ofUsers: new Map(), ofClients: new Map(), clients: new Map() }

/** Changes whenever an override does; cheap to ask for. */
export async function overridesVersion(db: Database): Promise<string> {
  const [row] = await db.$queryRaw<{ version: string }[]>`
    SELECT concat_ws('/', count(*), max(id), extract(epoch FROM max(updated_at))) AS version FROM rate_limit_overrides`
  return row?.version ?? ''
}

/** Rows of a scope or rate that this release does not know are left out. */
export async function readOverrides(db: Database): Promise<Overrides> {
  const rows = await db.rateLimitOverride.findMany({ include: { client: { select: { clientId: true } } } })
  const ofUsers = new Map<number, Rates>()
  const ofClients = new Map<number, Rates>()
  const clients = new Map<string, number>()
  for (const { scope, rate, userId, clientId, client } of rows) {
    const setting = parseRate(rate)
    if (!isThrottleScope(scope) || setting === undefined) continue
    if (userId !== null) put(ofUsers, userId, scope, setting)
    if (clientId !== null) put(ofClients, clientId, scope, setting)
    if (clientId !== null && client !== null) clients.set(client.clientId, clientId)
  }
  return { ofUsers, ofClients, clients }
}

function put(owners: Map<number, Rates>, owner: number, scope: ThrottleScope, setting: RateSetting): void {
  const rates = owners.get(owner) ?? new Map()
  owners.set(owner, rates.set(scope, setting))
}

/** @throws Problem `invalid` naming `scope`, `rate` or `client`; `not_found` for a user */
export async function setOverride(db: Database, scope: string, rate: string, owner: OverrideOwner): Promise<void> {
  requireScope(scope)
  if (parseRate(rate) === undefined) throw invalidField('rate', 'A rate looks like 10/min, or is unlimited.')
  const ids = await idsOf(db, owner)
  const data = { rate, updatedAt: new Date() }
  await db.rateLimitOverride.upsert({
    where: 'userId' in ids ? { userId_scope: { ...ids, scope } } : { clientId_scope: { ...ids, scope } },
    create: { ...ids, scope, ...data },
    update: data,
  })
}

/** @returns whether there was one. @throws Problem `invalid` naming `scope` or `client`; `not_found` for a user */
export async function removeOverride(db: Database, scope: string, owner: OverrideOwner): Promise<boolean> {
  requireScope(scope)
  const { count } = await db.rateLimitOverride.deleteMany({ where: { scope, ...(await idsOf(db, owner)) } })
  return count > 0
}

/** By scope; with the name of the user or the client_id. */
export async function listOverrides(db: Database) {
  return db.rateLimitOverride.findMany({
    include: { user: { select: { username: true } }, client: { select: { clientId: true, name: true } } },
    orderBy: [{ scope: 'asc' }, { id: 'asc' }],
  })
}

function requireScope(scope: string): void {
  if (!isThrottleScope(scope)) {
    throw invalidField('scope', `There is no scope ${scope}; "rate-limits list" shows all there are.`)
  }
}

async function idsOf(db: Database, owner: OverrideOwner): Promise<{ userId: number } | { clientId: number }> {
  if ('username' in owner) {
    const user = await db.user.findUnique({ where: { usernameKey: owner.username.toLowerCase() } })
    if (user === null) throw notFound(`user ${owner.username}`)
    return { userId: user.id }
  }
  const client = await db.client.findUnique({ where: { clientId: owner.clientId } })
  if (client === null) throw invalidField('client', 'There is no client with this client_id.')
  return { clientId: client.id }
}

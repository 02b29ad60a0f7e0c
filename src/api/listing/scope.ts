import { Prisma } from '../../db/generated/client.ts'
import { domainOf } from '../addresses.ts'
import type { Viewer } from '../viewer.ts'

/** Whose things a list shows: everybody's, those of all users of this pod, or those of some. */
export type Scope = 'all' | 'anybody' | { userId: number | undefined; usernameKeys: string[] }

const nobody: Scope = { userId: undefined, usernameKeys: [] }

/**
 * Reads `scope=me,actor:alice@pod`; undefined = it was not given. An item that nobody knows makes the list empty. Nobody
 * follows a library, so `subscribed` adds nothing.
 */
export function readScope(text: string | undefined, viewer: Viewer, publicUrl: string): Scope | undefined {
  if (text === undefined) return undefined
  const items = text.split(',').map((item) => readItem(item.trim().toLowerCase(), viewer, domainOf(publicUrl)))
  return items.includes(undefined) ? nobody : items.reduce<Scope>((all, item) => either(all, item ?? nobody), nobody)
}

function readItem(item: string, viewer: Viewer, domain: string): Scope | undefined {
  if (item === 'all') return 'all'
  if (item === 'me') return { userId: viewer.userId, usernameKeys: [] }
  if (item === 'subscribed') return nobody
  const [, kind, value = ''] = /^(actor|domain):(.*)$/.exec(item) ?? []
  if (kind === 'domain') return value === domain ? 'anybody' : nobody
  if (kind !== 'actor') return undefined
  const isOurs = value.endsWith(`@${domain}`)
  return isOurs ? { userId: undefined, usernameKeys: [value.slice(0, -domain.length - 1)] } : nobody
}

function either(one: Scope, other: Scope): Scope {
  if (one === 'all' || other === 'all') return 'all'
  if (one === 'anybody' || other === 'anybody') return 'anybody'
  return { userId: one.userId ?? other.userId, usernameKeys: [...one.usernameKeys, ...other.usernameKeys] }
}

/** For what belongs to a user; undefined = no filter. */
export function usersInScope(scope: Scope | undefined): Prisma.UserWhereInput | undefined {
  if (scope === undefined || typeof scope === 'string') return undefined
  const ids = scope.userId === undefined ? [] : [scope.userId]
  return { OR: [{ id: { in: ids } }, { usernameKey: { in: scope.usernameKeys } }] }
}

/** The same as a condition on a column that holds a user's id; one user alone can be looked up by an index on it. */
export function isInScope({ userId, usernameKeys }: Exclude<Scope, string>, column: Prisma.Sql): Prisma.Sql {
  const [key, ...others] = usernameKeys
  if (key === undefined) return userId === undefined ? Prisma.sql`false` : Prisma.sql`${column} = ${userId}`
  if (userId === undefined && others.length === 0) {
    return Prisma.sql`${column} = (SELECT id FROM users WHERE username_key = ${key})`
  }
  return Prisma.sql`${column} IN (SELECT id FROM users
    WHERE id = ${userId ?? null} OR username_key = ANY(${usernameKeys}::text[]))`
}

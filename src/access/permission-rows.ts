import { describeScope, type Leaf } from './scope-catalogue.ts'
import { clientCeiling, expandScopes, grantableScopes } from './scopes.ts'

/** What permissions are about, in the order people read them. */
const topics = [
  'identity',
  'profile',
  'follows',
  'notifications',
  'applications',
  'libraries',
  'playlists',
  'favorites',
  'listenings',
  'radios',
  'filters',
  'edits',
  'reports',
] as const

export type PermissionTopic = (typeof topics)[number]

/** One line of the consent page; a verb that is not asked for, or can never be had, is absent. */
export interface PermissionRow {
  topic: PermissionTopic
  read?: Leaf
  write?: Leaf
}

/** What these names would let a client do, by topic; only what a client can ever hold and this user has. */
export function permissionRows(names: Iterable<string>, userScopes: ReadonlySet<Leaf>): PermissionRow[] {
  const asked = expandScopes(names)
  const shown = new Set([...asked].filter((leaf) => clientCeiling.has(leaf) && userScopes.has(leaf)))
  // Part of read:profile, and not worth a line beside it.
  if (shown.has('read:profile')) shown.delete('profile')
  return topics.map((topic) => rowOf(topic, shown)).filter((row) => row.read !== undefined || row.write !== undefined)
}

function rowOf(topic: PermissionTopic, shown: ReadonlySet<Leaf>): PermissionRow {
  if (topic === 'identity') return shown.has('profile') ? { topic, read: 'profile' } : { topic }
  const read = `read:${topic}` as const
  const write = `write:${topic}` as const
  return { topic, ...(shown.has(read) && { read }), ...(shown.has(write) && { write }) }
}

/**
 * The asked names, less what was not kept: a name of which all is kept (or that gives nothing) stays as it is, one of
 * which a part is kept becomes that part. If nothing was taken away the answer is what was asked, in the same order.
 */
export function narrowScopes(asked: readonly string[], keptLeaves: Iterable<Leaf>): string[] {
  const kept = expandScopes(keptLeaves)
  return [...new Set(grantableScopes(asked).flatMap((name) => narrowName(name, kept)))]
}

function narrowName(name: string, kept: ReadonlySet<Leaf>): readonly string[] {
  const leaves = (describeScope(name)?.leaves ?? []).filter((leaf) => clientCeiling.has(leaf))
  const remaining = leaves.filter((leaf) => kept.has(leaf))
  return remaining.length === leaves.length ? [name] : remaining
}

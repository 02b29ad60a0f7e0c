import {
  anonymousLeaves,
  clientLeaves,
  describeScope,
  isKnownScope,
  type Leaf,
  leavesHeldBy,
} from './scope-catalogue.ts'

export type { Leaf } from './scope-catalogue.ts'

/** Without credentials. */
export const anonymousScopes: ReadonlySet<Leaf> = new Set(anonymousLeaves)

/** No OAuth token reaches beyond these, whatever its scopes and its user's permissions. */
export const clientCeiling: ReadonlySet<Leaf> = new Set(clientLeaves)

/** Scope names as sent: separated by blanks, `+` or commas. Duplicates go, the order stays. */
export function parseScopeNames(input: string | readonly string[]): string[] {
  const names = [input].flat().flatMap((text) => text.split(/[\s+,]+/))
  return [...new Set(names)].filter((name) => name !== '')
}

/** The names that may be in a token: known ones, less `admin` and what is below it. */
export function grantableScopes(names: readonly string[]): string[] {
  return names.filter((name) => describeScope(name)?.mayBeGranted)
}

/** What these names stand for together. Parents become their leaves, unknown names are dropped. */
export function expandScopes(names: Iterable<string>): ReadonlySet<Leaf> {
  const leaves = new Set<Leaf>()
  for (const name of names) {
    for (const leaf of describeScope(name)?.leaves ?? []) leaves.add(leaf)
  }
  // Who may see the whole profile may see whose it is.
  if (leaves.has('read:profile')) leaves.add('profile')
  return leaves
}

/** What decides about a user's scopes. */
export interface UserPermissions {
  isSuperuser: boolean
  mayManageSettings: boolean
  mayManageLibrary: boolean
  mayModerate: boolean
}

/** The permissions that the pod's settings give to everybody with an account. */
export type DefaultPermission = 'settings' | 'library' | 'moderation'

/** What a user may do by their own flags or by what everybody may (`users__default_permissions`). */
export function withDefaultPermissions(user: UserPermissions, defaults: readonly DefaultPermission[]): UserPermissions {
  return {
    isSuperuser: user.isSuperuser,
    mayManageSettings: user.mayManageSettings || defaults.includes('settings'),
    mayManageLibrary: user.mayManageLibrary || defaults.includes('library'),
    mayModerate: user.mayModerate || defaults.includes('moderation'),
  }
}

const everyUser = [...clientLeaves, ...leavesHeldBy('users')]
const ofPermissions = permissionCombinations()

/** Everything a user may do; what a signed-in browser holds. */
export function userScopes(user: UserPermissions): ReadonlySet<Leaf> {
  return ofPermissions[combinationOf(user)] ?? new Set()
}

/** Made once, as every request needs one. */
function permissionCombinations(): ReadonlySet<Leaf>[] {
  return Array.from({ length: 8 }, (_, combination) => {
    const settings = combination & 1 ? leavesHeldBy('mayManageSettings') : []
    const library = combination & 2 ? leavesHeldBy('mayManageLibrary') : []
    const moderation = combination & 4 ? leavesHeldBy('mayModerate') : []
    return new Set([...everyUser, ...settings, ...library, ...moderation])
  })
}

function combinationOf({ isSuperuser, mayManageSettings, mayManageLibrary, mayModerate }: UserPermissions): number {
  if (isSuperuser) return 7
  return (mayManageSettings ? 1 : 0) + (mayManageLibrary ? 2 : 0) + (mayModerate ? 4 : 0)
}

/** What an access token may do: no more than its own scopes, its client's, its user's and the ceiling. Without a user, nothing. */
export function effectiveScopes(of: {
  user: UserPermissions | null
  token: Iterable<string>
  client: Iterable<string>
}): ReadonlySet<Leaf> {
  if (of.user === null) return new Set()
  const user = userScopes(of.user)
  const token = expandScopes(of.token)
  const client = expandScopes(of.client)
  return new Set(clientLeaves.filter((leaf) => token.has(leaf) && client.has(leaf) && user.has(leaf)))
}

/**
 * What an application token may do: its client's scopes, as far as its owner has them. `security`, `plugins` and
 * `instance:*` count only where that leaf itself is named, so that a bare `read` or `write` stays as harmless as it sounds.
 */
export function applicationTokenScopes(of: { user: UserPermissions; client: readonly string[] }): ReadonlySet<Leaf> {
  const expanded = expandScopes(of.client)
  const named = new Set<string>(of.client)
  const user = userScopes(of.user)
  return new Set([...expanded].filter((leaf) => user.has(leaf) && (clientCeiling.has(leaf) || named.has(leaf))))
}

/**
 * Whether who holds these scopes may make an application token with those of a client: nobody gives more than they have.
 */
export function mayGive(held: ReadonlySet<Leaf>, client: readonly string[]): boolean {
  const named = new Set<string>(client)
  return [...expandScopes(client)].every((leaf) => held.has(leaf) || !(clientCeiling.has(leaf) || named.has(leaf)))
}

/**
 * Whether a client that registered these names may ask for this one: what was registered covers all it stands for, in
 * either vocabulary. A name that gives nothing needs itself or its parent among them. Unknown names are never covered.
 */
export function covers(registered: readonly string[], requested: string): boolean {
  if (!isKnownScope(requested)) return false
  if (registered.includes(requested)) return true
  const leaves = describeScope(requested)?.leaves ?? []
  if (leaves.length === 0) return registered.some((name) => isKnownScope(name) && requested.startsWith(`${name}:`))
  const expanded = expandScopes(registered)
  return leaves.every((leaf) => expanded.has(leaf))
}

import { narrowScopes, permissionRows } from '../../access/permission-rows.ts'
import type { UserPrincipal } from '../../access/principal.ts'
import { isLeaf, type Leaf } from '../../access/scope-catalogue.ts'

/** The rows of a consent page: all ticked, or none where the form came back that way. */
export function choiceRows(scopes: string[], user: UserPrincipal, { nothingChosen = false } = {}) {
  const checked = !nothingChosen
  return permissionRows(scopes, user.scopes).map(({ topic, read, write }) => ({
    base: topic,
    ...(read !== undefined && { read: { leaf: read, checked } }),
    ...(write !== undefined && { write: { leaf: write, checked } }),
  }))
}

/**
 * What is left of the asked names after the user has unticked some permissions; undefined when that is nothing although
 * there was something to tick.
 */
export function chosenScopes(
  asked: string[],
  ticked: string | string[] = [],
  user: UserPrincipal,
): string[] | undefined {
  const rows = permissionRows(asked, user.scopes)
  if (rows.length === 0) return asked
  const shown = new Set<Leaf>(rows.flatMap(({ read, write }) => [read, write]).filter((leaf) => leaf !== undefined))
  const kept = [ticked]
    .flat()
    .filter(isLeaf)
    .filter((leaf) => shown.has(leaf))
  const scopes = kept.length === 0 ? [] : narrowScopes(asked, kept)
  return scopes.length === 0 ? undefined : scopes
}

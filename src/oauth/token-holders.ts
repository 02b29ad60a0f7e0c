import {
  applicationTokenScopes,
  effectiveScopes,
  expandScopes,
  type Leaf,
  type UserPermissions,
} from '../access/scopes.ts'
import type { Database } from '../db/database.ts'
import { query } from '../db/statements.ts'

/** What is stored of a token, as far as it decides who may do what with it. */
export interface TokenHolder {
  /** Milliseconds; infinite = does not expire. */
  expiresAt: number
  /** Of an access token. */
  familyId: bigint | undefined
  clientId: number
  /** Undefined = the client speaks for itself. */
  user: HolderUser | undefined
  /** Of user (with the permissions that everybody has), client, token and family together. */
  scopesFor(user: UserPermissions): ReadonlySet<Leaf>
}

interface HolderUser extends UserPermissions {
  id: number
  isActive: boolean
  isConfirmed: boolean
}

interface UserColumns {
  userId: number | null
  isActive: boolean | null
  emailVerifiedAt: Date | null
  isSuperuser: boolean
  mayManageSettings: boolean
  mayManageLibrary: boolean
  mayModerate: boolean
}

interface AccessRow extends UserColumns {
  familyId: bigint
  expiresAt: Date | null
  scopes: string[]
  familyScopes: string[]
  clientId: number
  clientScopes: string[]
}

/** One statement finds everything that decides. */
export async function findAccessToken(db: Database, hash: Uint8Array<ArrayBuffer>): Promise<TokenHolder | undefined> {
  const [row] = await query<AccessRow>(db)`
    SELECT f.id AS "familyId", t.access_expires_at AS "expiresAt", t.scopes, f.scopes AS "familyScopes", f.user_id AS "userId", f.client_id AS "clientId",
      c.scopes AS "clientScopes", u.is_active AS "isActive", u.email_verified_at AS "emailVerifiedAt", u.is_superuser AS "isSuperuser",
      u.may_manage_settings AS "mayManageSettings", u.may_manage_library AS "mayManageLibrary",
      u.may_moderate AS "mayModerate"
    FROM tokens t
      JOIN token_families f ON f.id = t.family_id
      JOIN clients c ON c.id = f.client_id
      LEFT JOIN users u ON u.id = f.user_id
    WHERE t.access_hash = ${hash}`
  if (row === undefined) return undefined
  const { familyId, clientId, scopes: token, familyScopes: family, clientScopes: client } = row
  const user = userOf(row)
  const scopesFor = (permissions: UserPermissions) =>
    user === undefined
      ? clientOnlyScopes({ token, client })
      : accessScopes({ user: permissions, token, family, client })
  return { expiresAt: row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY, familyId, clientId, user, scopesFor }
}

/** One statement, too. */
export async function findApplicationToken(
  db: Database,
  hash: Uint8Array<ArrayBuffer>,
): Promise<TokenHolder | undefined> {
  const [row] = await query<UserColumns & { clientId: number; scopes: string[] }>(db)`
    SELECT c.id AS "clientId", c.scopes, u.id AS "userId", u.is_active AS "isActive", u.email_verified_at AS "emailVerifiedAt",
      u.is_superuser AS "isSuperuser", u.may_manage_settings AS "mayManageSettings",
      u.may_manage_library AS "mayManageLibrary", u.may_moderate AS "mayModerate"
    FROM clients c JOIN users u ON u.id = c.owner_id
    WHERE c.application_token_hash = ${hash}`
  if (row === undefined) return undefined
  const { clientId, scopes: client } = row
  return {
    expiresAt: Number.POSITIVE_INFINITY,
    familyId: undefined,
    clientId,
    user: userOf(row),
    scopesFor: (user) => applicationTokenScopes({ user, client }),
  }
}

/** Whose changes end or change what the token may do. */
export function subjectsOf({ familyId, clientId, user }: TokenHolder): string[] {
  return [
    `clients ${clientId}`,
    ...(familyId === undefined ? [] : [`token_families ${familyId}`]),
    ...(user === undefined ? [] : [`users ${user.id}`]),
  ]
}

function userOf(row: UserColumns): HolderUser | undefined {
  const { userId, isSuperuser, mayManageSettings, mayManageLibrary, mayModerate } = row
  if (userId === null) return undefined
  const isConfirmed = isSuperuser || row.emailVerifiedAt !== null
  const permissions = { isSuperuser, mayManageSettings, mayManageLibrary, mayModerate }
  return { id: userId, isActive: row.isActive === true, isConfirmed, ...permissions }
}

/** A token that was made while its grant was being narrowed may name more than its family still has. */
function accessScopes(of: { user: UserPermissions; token: string[]; family: string[]; client: string[] }) {
  const effective = effectiveScopes(of)
  const { token, family } = of
  if (token.length === family.length && token.every((name, at) => name === family[at])) return effective
  const held = expandScopes(family)
  return new Set([...effective].filter((leaf) => held.has(leaf)))
}

function clientOnlyScopes({ token, client }: { token: string[]; client: string[] }): ReadonlySet<Leaf> {
  const registered = expandScopes(client)
  return new Set([...expandScopes(token)].filter((leaf) => registered.has(leaf)))
}

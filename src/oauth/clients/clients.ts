import type { Principal } from '../../access/principal.ts'
import type { Database } from '../../db/database.ts'
import type { Client, ClientOrigin } from '../../db/generated/client.ts'
import { query } from '../../db/statements.ts'
import { invalidField, notFound, Problem } from '../../lib/problem.ts'
import { digest, newClientId, newSecret } from '../../lib/secrets.ts'
import { checkRedirectUri, parseRedirectUris } from './redirect-uris.ts'

/** What a client may hold; the answer to a registration shows its secrets, and nothing does again. */
export interface Registered {
  client: Client
  secret?: string
  applicationToken?: string
}

export interface NewClient {
  name: string
  website?: string
  redirectUris: string[]
  scopes: string[]
  grantTypes: readonly string[]
  origin: ClientOrigin
  /** Public clients have no secret (RFC 6749 §2.1). */
  isPublic?: boolean
  authenticationMethod?: string
  /** The owner gets an application token, which the Mastodon API has no word for. */
  ownerId?: number
}

export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** What a client may use that does not say. */
export const defaultGrantTypes = ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrant] as const

/** Registers a client. Its redirect URIs have been checked. */
export async function registerClient(db: Database, input: NewClient): Promise<Registered> {
  const now = new Date()
  const secret = input.isPublic === true ? undefined : newSecret('client')
  const hasToken = input.ownerId !== undefined && input.origin !== 'mastodon'
  const applicationToken = hasToken ? newSecret('application') : undefined
  const client = await insertClient(db, {
    clientId: newClientId(),
    name: input.name,
    website: input.website ?? null,
    redirectUris: input.redirectUris,
    scopes: input.scopes,
    grantTypes: [...input.grantTypes],
    secretHash: secret === undefined ? null : Uint8Array.from(digest(secret)),
    authenticationMethod: input.authenticationMethod ?? null,
    origin: input.origin,
    ownerId: input.ownerId ?? null,
    applicationTokenHash: applicationToken === undefined ? null : Uint8Array.from(digest(applicationToken)),
    createdAt: now,
    updatedAt: now,
  })
  return { client, ...(secret && { secret }), ...(applicationToken && { applicationToken }) }
}

async function insertClient(db: Database, client: Omit<Client, 'id'>): Promise<Client> {
  const [row] = await query<{ id: number }>(db)`
    INSERT INTO clients (client_id, name, website, redirect_uris, scopes, grant_types, secret_hash, authentication_method,
      origin, owner_id, application_token_hash, created_at, updated_at)
    VALUES (${client.clientId}, ${client.name}, ${client.website}, ${client.redirectUris}, ${client.scopes},
      ${client.grantTypes}, ${client.secretHash}, ${client.authenticationMethod}, ${client.origin},
      ${client.ownerId}, ${client.applicationTokenHash}, ${client.createdAt}, ${client.updatedAt})
    RETURNING id`
  if (row === undefined) throw new Error('The client was not stored')
  return { id: row.id, ...client }
}

/** @throws Problem `not_found` */
export async function findClient(db: Database, clientId: string): Promise<Client> {
  const client = await db.client.findUnique({ where: { clientId } })
  if (client === null) throw notFound('client')
  return client
}

/**
 * The client that a request's token was issued to.
 * @throws Problem `unauthenticated` for who has no token
 */
export async function clientOf(db: Database, principal: Principal): Promise<Client> {
  const id = principal.kind === 'anonymous' ? undefined : principal.clientId
  const client = id === undefined ? null : await db.client.findUnique({ where: { id } })
  if (client === null) throw new Problem('unauthenticated', 'Authentication credentials were not provided.')
  return client
}

/** Newest first. */
export async function listOwnClients(
  db: Database,
  ownerId: number,
  page: { skip: number; take: number },
): Promise<{ count: number; clients: Client[] }> {
  const where = { ownerId }
  const [count, clients] = await Promise.all([
    db.client.count({ where }),
    db.client.findMany({ where, orderBy: { id: 'desc' }, skip: page.skip, take: page.take }),
  ])
  return { count, clients }
}

/** @throws Problem `not_found` also when the client is somebody else's */
export async function updateClient(
  db: Database,
  { clientId, ownerId }: { clientId: string; ownerId: number },
  changes: { name?: string; redirectUris?: string[]; scopes?: string[] },
): Promise<Client> {
  const [client] = await db.client.updateManyAndReturn({
    where: { clientId, ownerId },
    data: { ...changes, updatedAt: new Date() },
  })
  if (client === undefined) throw notFound('client of this owner')
  return client
}

/**
 * Deletes a client with its codes, grants and tokens.
 * @throws Problem `not_found` also when the client is somebody else's
 */
export async function deleteClient(db: Database, clientId: string, ownerId: number): Promise<void> {
  const { count } = await db.client.deleteMany({ where: { clientId, ownerId } })
  if (count === 0) throw notFound('client of this owner')
}

/**
 * Gives the owner a new application token; the one before is worth nothing from then on.
 * @throws Problem `not_found` also when the client is somebody else's
 */
export async function renewApplicationToken(db: Database, clientId: string, ownerId: number): Promise<Registered> {
  const applicationToken = newSecret('application')
  const [client] = await db.client.updateManyAndReturn({
    where: { clientId, ownerId },
    data: { applicationTokenHash: digest(applicationToken), updatedAt: new Date() },
  })
  if (client === undefined) throw notFound('client of this owner')
  return { client, applicationToken }
}

/**
 * The redirect URIs in a registration, each checked on its own.
 * @throws Problem `invalid` naming `redirect_uris`
 */
export function readRedirectUris(input: string | string[], { allowHttp }: { allowHttp: boolean }): string[] {
  const parsed = parseRedirectUris(input)
  if (!parsed.ok) throw invalidField('redirect_uris', parsed.reason)
  for (const uri of parsed.uris) {
    const checked = checkRedirectUri(uri, { allowHttp })
    if (!checked.ok) throw invalidField('redirect_uris', checked.reason)
  }
  return parsed.uris
}

/**
 * Gives a confidential client a new secret; the one before is worth nothing from then on.
 * @throws Problem `not_found` also when the client is somebody else's or has no secret
 */
export async function renewSecret(db: Database, clientId: string, ownerId: number): Promise<Registered> {
  const secret = newSecret('client')
  const [client] = await db.client.updateManyAndReturn({
    where: { clientId, ownerId, secretHash: { not: null } },
    data: { secretHash: digest(secret), updatedAt: new Date() },
  })
  if (client === undefined) throw notFound('client of this owner')
  return { client, secret }
}

/** @throws Problem `not_found` also when the client is somebody else's */
export async function findOwnClient(db: Database, clientId: string, ownerId: number): Promise<Client> {
  const client = await db.client.findFirst({ where: { clientId, ownerId } })
  if (client === null) throw notFound('client of this owner')
  return client
}

/** How many sign-ins of people live through a client. @param id its row id */
export async function countUses(db: Database, id: number): Promise<number> {
  return db.tokenFamily.count({ where: { clientId: id, userId: { not: null } } })
}

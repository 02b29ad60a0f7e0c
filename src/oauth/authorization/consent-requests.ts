import { LRUCache } from 'lru-cache'
import type { Database } from '../../db/database.ts'
import type { AuthorizationRequest, Client } from '../../db/generated/client.ts'
import { execute } from '../../db/statements.ts'
import { digest, newSecret } from '../../lib/secrets.ts'
import { deleteAll } from '../../maintenance/batches.ts'
import { longExpired, type Round } from '../../maintenance/maintenance.ts'
import type { Services } from '../../services.ts'
import { matchRedirectUri } from '../clients/redirect-uris.ts'
import type { CheckedRequest } from './request.ts'

/** How long a consent page may stay open. */
const lifetimeSeconds = 60 * 60

/** Forms are mostly sent back to the pod that made them; others read what they need from the database. */
const mostRemembered = 2_000

/** An authorization request that waits for, or had, its resource owner's decision. */
export type PendingRequest = Omit<AuthorizationRequest, 'createdAt' | 'decidedAt'> & { client: Client }

export type Found = { request: PendingRequest; over?: 'answered' | 'expired' } | undefined

export interface ConsentRequests {
  /**
   * Keeps the request as it was checked and shown, so that nothing the form sends can change it and two tabs do not mix.
   * @returns the id that the consent form sends back
   */
  keep(userId: number, request: CheckedRequest): Promise<string>
  /**
   * The request that a consent form names, if it was shown to this user; `over` says why it can no longer be decided. One
   * whose redirect URI the client has given up meanwhile has expired too.
   */
  find(userId: number, id: string): Promise<Found>
  /** As it is in the database, for whom a decision was refused. */
  findStored(userId: number, id: string): Promise<Found>
}

export function consentRequests({ db, clients }: Pick<Services, 'db' | 'clients'>): ConsentRequests {
  // What was shown never changes. Whether it was decided stands in the database only, where the decision is taken.
  const shown = new LRUCache<string, StoredRequest>({ max: mostRemembered })
  const withClient = async (stored: StoredRequest): Promise<PendingRequest | undefined> => {
    const client = await clients.find(stored.publicId)
    return client && { ...stored, client }
  }
  const findStored: ConsentRequests['findStored'] = async (userId, id) => {
    const where = { idHash: digest(id), userId }
    const request = await db.authorizationRequest.findUnique({ where, include: { client: true } })
    if (request === null) return undefined
    return request.decidedAt === null ? judge(request) : { request, over: 'answered' }
  }
  return {
    async keep(userId, request) {
      const id = newSecret('request')
      const stored = toStore(id, userId, request)
      await insertRequest(db, stored)
      shown.set(id, stored)
      return id
    },
    async find(userId, id) {
      const stored = shown.get(id)
      // Who sends a form a second time is told what became of the first.
      shown.delete(id)
      const request = stored?.userId === userId ? await withClient(stored) : undefined
      return request === undefined ? findStored(userId, id) : judge(request)
    },
    findStored,
  }
}

type StoredRequest = Omit<PendingRequest, 'client'> & { publicId: string }

function toStore(id: string, userId: number, request: CheckedRequest): StoredRequest {
  return {
    idHash: digest(id),
    userId,
    clientId: request.client.id,
    publicId: request.client.clientId,
    requestedRedirectUri: request.requestedRedirectUri ?? null,
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    state: request.state ?? null,
    codeChallenge: request.codeChallenge ?? null,
    expiresAt: new Date(Date.now() + lifetimeSeconds * 1000),
  }
}

async function insertRequest(db: Database, request: StoredRequest): Promise<void> {
  await execute(db)`
    INSERT INTO authorization_requests
      (id_hash, user_id, client_id, requested_redirect_uri, redirect_uri, scopes, state, code_challenge, created_at, expires_at)
    VALUES (${request.idHash}, ${request.userId}, ${request.clientId}, ${request.requestedRedirectUri}, ${request.redirectUri},
      ${request.scopes}, ${request.state}, ${request.codeChallenge}, ${new Date()}, ${request.expiresAt})`
}

function judge(request: PendingRequest): Found {
  return request.expiresAt <= new Date() || !isStillRegistered(request) ? { request, over: 'expired' } : { request }
}

function isStillRegistered({ client, requestedRedirectUri, redirectUri }: PendingRequest): boolean {
  return matchRedirectUri(client.redirectUris, requestedRedirectUri ?? undefined) === redirectUri
}

/** Takes the one decision a request gets; false = somebody was faster. */
export async function denyRequest(db: Database, { idHash }: PendingRequest): Promise<boolean> {
  const { count } = await db.authorizationRequest.updateMany({
    where: { idHash, decidedAt: null },
    data: { decidedAt: new Date() },
  })
  return count === 1
}

/** Forgets requests that expired, answered or not. */
export function pruneRequests(db: Database, round: Round): Promise<number> {
  const where = { expiresAt: { lt: longExpired(round) } }
  return deleteAll(round, (limit) => db.authorizationRequest.deleteMany({ where, limit }))
}

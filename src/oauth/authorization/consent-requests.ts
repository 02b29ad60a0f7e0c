import type { Database } from '../../db/database.ts'
import type { AuthorizationRequest, Client } from '../../db/generated/client.ts'
import { digest, newSecret } from '../../lib/secrets.ts'
import { deleteAll } from '../../maintenance/batches.ts'
import { longExpired, type Round } from '../../maintenance/maintenance.ts'
import { matchRedirectUri } from '../clients/redirect-uris.ts'
import type { CheckedRequest } from './request.ts'

/** How long a consent page may stay open. */
const lifetimeSeconds = 60 * 60

/** An authorization request that waits for, or had, its resource owner's decision. */
export type PendingRequest = AuthorizationRequest & { client: Client }

/**
 * Keeps the request as it was checked and shown, so that nothing the form sends can change it and two tabs do not mix.
 * @returns the id that the consent form sends back
 */
export async function keepRequest(db: Database, userId: number, request: CheckedRequest): Promise<string> {
  const id = newSecret('request')
  const now = new Date()
  await db.$executeRaw`
    INSERT INTO authorization_requests
      (id_hash, user_id, client_id, requested_redirect_uri, redirect_uri, scopes, state, code_challenge, created_at, expires_at)
    VALUES (${digest(id)}, ${userId}, ${request.client.id}, ${request.requestedRedirectUri ?? null}, ${request.redirectUri},
      ${request.scopes}, ${request.state ?? null}, ${request.codeChallenge ?? null}, ${now},
      ${new Date(now.getTime() + lifetimeSeconds * 1000)})`
  return id
}

export type Found = { request: PendingRequest; over?: 'answered' | 'expired' } | undefined

/**
 * The request that a consent form names, if it was shown to this user; `over` says why it can no longer be decided. One
 * whose redirect URI the client has given up meanwhile has expired too.
 */
export async function findRequest(db: Database, userId: number, id: string): Promise<Found> {
  const request = await db.authorizationRequest.findUnique({
    where: { idHash: digest(id), userId },
    include: { client: true },
  })
  if (request === null) return undefined
  if (request.decidedAt !== null) return { request, over: 'answered' }
  return request.expiresAt <= new Date() || !isStillRegistered(request) ? { request, over: 'expired' } : { request }
}

function isStillRegistered({ client, requestedRedirectUri, redirectUri }: PendingRequest): boolean {
  return matchRedirectUri(client.redirectUris, requestedRedirectUri ?? undefined) === redirectUri
}

/** Takes the one decision a request gets; false = somebody was faster. */
export async function decide(db: Database, request: PendingRequest): Promise<boolean> {
  const { count } = await db.authorizationRequest.updateMany({
    where: { idHash: request.idHash, decidedAt: null },
    data: { decidedAt: new Date() },
  })
  return count === 1
}

/** Forgets requests that expired, answered or not. */
export function pruneRequests(db: Database, round: Round): Promise<number> {
  const where = { expiresAt: { lt: longExpired(round) } }
  return deleteAll(round, (limit) => db.authorizationRequest.deleteMany({ where, limit }))
}

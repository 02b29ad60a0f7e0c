import type { FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import { digest } from '../lib/secrets.ts'
import type { Principal } from './principal.ts'
import { expandScopes, type Leaf } from './scopes.ts'

/**
 * What the right to an answer rests on that takes long to send: rather than a token, which may be replaced meanwhile by its
 * successor, what has to go on for the successor to be good.
 */
export interface Standing {
  /** The same for answers that end together. */
  key: string
  holds(db: Database, scope: Leaf): Promise<boolean>
}

/** Undefined = it rests on nothing that could end. */
export function standingOf(request: FastifyRequest): Standing | undefined {
  const { principal } = request
  if (principal.kind === 'anonymous') return undefined
  if (principal.kind === 'client') return familyStanding(principal)
  if (principal.credential === 'session') return sessionStanding(principal.session?.key ?? '')
  if (principal.credential === 'application-token') return applicationStanding(request.headers.authorization ?? '')
  return principal.listenKey === undefined
    ? familyStanding(principal)
    : listenStanding(principal.userId, principal.listenKey)
}

function familyStanding({ familyId }: Extract<Principal, { familyId?: bigint | undefined }>): Standing | undefined {
  if (familyId === undefined) return undefined
  return {
    key: `family ${familyId}`,
    async holds(db, scope) {
      const [row] = await db.$queryRaw<{ scopes: string[] }[]>`
        SELECT f.scopes FROM token_families f LEFT JOIN users u ON u.id = f.user_id
        WHERE f.id = ${familyId} AND u.is_active IS NOT FALSE`
      return row !== undefined && expandScopes(row.scopes).has(scope)
    },
  }
}

function applicationStanding(authorization: string): Standing {
  const hash = digest(authorization.replace(/^bearer +/i, '').trim())
  return {
    key: `application ${Buffer.from(hash).toString('base64')}`,
    async holds(db, scope) {
      const [row] = await db.$queryRaw<{ scopes: string[] }[]>`
        SELECT c.scopes FROM clients c JOIN users u ON u.id = c.owner_id
        WHERE c.application_token_hash = ${hash} AND u.is_active`
      return row !== undefined && expandScopes(row.scopes).has(scope)
    },
  }
}

function sessionStanding(key: string): Standing {
  const idHash = Buffer.from(key, 'base64url')
  return {
    key: `session ${key}`,
    async holds(db) {
      const rows = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id_hash = ${idHash} AND u.is_active`
      return rows.length > 0
    },
  }
}

function listenStanding(userId: number, secretKey: Uint8Array): Standing {
  return {
    key: `listen token ${userId} ${Buffer.from(secretKey).toString('base64')}`,
    async holds(db) {
      const rows = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM users u WHERE u.id = ${userId} AND u.is_active AND u.secret_key = ${secretKey}`
      return rows.length > 0
    },
  }
}

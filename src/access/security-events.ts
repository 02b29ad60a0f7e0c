import type { FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import type { SecurityEvent } from '../db/generated/client.ts'

/** What a user should be able to look up later about their account. */
export type SecurityEventKind =
  | 'login'
  | 'login-failed'
  | 'logout'
  | 'password-changed'
  | 'password-reset'
  | 'email-changed'
  | 'session-ended'
  | 'access-allowed'
  | 'access-denied'
  | 'access-narrowed'
  | 'access-revoked'
  | 'code-reused'
  | 'refresh-token-reused'
  | 'client-created'
  | 'client-deleted'
  | 'application-token-renewed'

interface NewEvent {
  userId: number
  kind: SecurityEventKind
  /** Name of the client it was about. */
  client?: string
}

/** Where something happened, as far as a request tells. */
export type Origin = Pick<FastifyRequest, 'ip' | 'headers' | 'log'>

/** Writes an event to the log and to the user's own record. */
export async function recordSecurityEvent(db: Database, origin: Origin, event: NewEvent): Promise<void> {
  const { userId, kind, client } = event
  origin.log.info({ event: kind, userId, client, address: origin.ip }, 'Security event')
  await db.securityEvent.create({
    data: {
      userId,
      kind,
      client: client ?? null,
      address: origin.ip,
      userAgent: origin.headers['user-agent']?.slice(0, 300) ?? null,
      createdAt: new Date(),
    },
  })
}

/** Newest first. */
export async function listSecurityEvents(
  db: Database,
  userId: number,
  page: { skip: number; take: number },
): Promise<{ count: number; events: SecurityEvent[] }> {
  const where = { userId }
  const [count, events] = await Promise.all([
    db.securityEvent.count({ where }),
    db.securityEvent.findMany({ where, orderBy: { id: 'desc' }, skip: page.skip, take: page.take }),
  ])
  return { count, events }
}

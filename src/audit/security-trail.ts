import type { FastifyRequest } from 'fastify'
import type { DatabaseClient } from '../db/database.ts'
import type { Prisma, SecurityEvent } from '../db/generated/client.ts'
import { delayed } from '../lib/delayed.ts'
import { deleteAll } from '../maintenance/batches.ts'
import { dayMs, type Round } from '../maintenance/maintenance.ts'

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
  | 'token-revoked'
  | 'code-reused'
  | 'refresh-token-reused'
  | 'client-created'
  | 'client-deleted'
  | 'application-token-renewed'

interface NewEvent {
  /** Left out = it concerns no account that there is, and is in the log only. */
  userId?: number
  kind: SecurityEventKind
  /** Name of the client it was about. */
  client?: string
}

/** Where something happened, as far as a request tells. */
export type Origin = Pick<FastifyRequest, 'ip' | 'headers' | 'log'>

/** The record of what happened to accounts. It is in the log at once, and in the user's own list within a second. */
export interface SecurityTrail {
  record(origin: Origin, event: NewEvent): void
  /** Newest first. */
  list(userId: number, page: { skip: number; take: number }): Promise<{ count: number; events: SecurityEvent[] }>
  /** Writes what is not written yet. */
  flush(): Promise<void>
}

const writeAfterMs = 500
/** Should the database be away for long, the log has the rest. */
const mostUnwritten = 10_000

/** Events are written together, so that no request waits for its own, and none tells by its time that it had one. */
export function createSecurityTrail(
  db: DatabaseClient,
  onEvent: (kind: SecurityEventKind) => void = () => {},
): SecurityTrail {
  let unwritten: Prisma.SecurityEventCreateManyInput[] = []
  const writing = delayed(async () => {
    const batch = unwritten
    if (batch.length === 0) return
    unwritten = []
    await write(db, batch).catch(() => {
      unwritten = [...batch, ...unwritten].slice(-mostUnwritten)
      writing.schedule()
    })
  }, writeAfterMs)
  return {
    record(origin, event) {
      onEvent(event.kind)
      origin.log.info({ event: event.kind, ...event, address: origin.ip }, 'Security event')
      if (event.userId === undefined) return
      unwritten.push(rowOf(origin, { ...event, userId: event.userId }))
      writing.schedule()
    },
    async list(userId, page) {
      await writing.run()
      const where = { userId }
      const [count, events] = await Promise.all([
        db.securityEvent.count({ where }),
        db.securityEvent.findMany({ where, orderBy: { id: 'desc' }, skip: page.skip, take: page.take }),
      ])
      return { count, events }
    },
    flush: writing.run,
  }
}

function rowOf(
  { ip, headers }: Origin,
  { userId, kind, client }: NewEvent & { userId: number },
): Prisma.SecurityEventCreateManyInput {
  const userAgent = headers['user-agent']?.slice(0, 300) ?? null
  return { userId, kind, client: client ?? null, address: ip, userAgent, createdAt: new Date() }
}

/** Users may have been deleted in the meantime. */
async function write(db: DatabaseClient, batch: Prisma.SecurityEventCreateManyInput[]): Promise<void> {
  const users = await db.user.findMany({ where: { id: { in: batch.map((row) => row.userId) } }, select: { id: true } })
  const known = new Set(users.map(({ id }) => id))
  await db.securityEvent.createMany({ data: batch.filter((row) => known.has(row.userId)) })
}

/** Forgets what happened longer ago than this. */
export function pruneSecurityEvents(db: DatabaseClient, retentionDays: number, round: Round): Promise<number> {
  const where = { createdAt: { lt: new Date(round.now.getTime() - retentionDays * dayMs) } }
  return deleteAll(round, (limit) => db.securityEvent.deleteMany({ where, limit }))
}

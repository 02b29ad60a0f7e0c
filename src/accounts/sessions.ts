import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticate, Principal } from '../access/principal.ts'
import { type DefaultPermission, userScopes, withDefaultPermissions } from '../access/scopes.ts'
import type { Database } from '../db/database.ts'
import type { User } from '../db/generated/client.ts'
import { execute } from '../db/statements.ts'
import type { CookieRules } from '../http/cookies.ts'
import { digest, newSecret } from '../lib/secrets.ts'
import { deleteAll } from '../maintenance/batches.ts'
import { longExpired, type Round } from '../maintenance/maintenance.ts'

const day = 24 * 60 * 60
/** Unused for so long, a session ends. */
const idleSeconds = 14 * day
/** As long as Funkwhale's, however much it is used. */
const absoluteSeconds = 62.5 * day
/** Last use is written at most this often. */
const touchSeconds = 5 * 60

const cookieName = 'sessionid'

/**
 * Signs a browser in under a new session id; an id that the browser brought is never adopted. One statement, which waits
 * for a change of the password that is under way: what the old one opens would outlive it.
 * @param user as they were when their password was looked at
 * @returns the key that CSRF tokens of the session are bound to; undefined = the password has changed since
 */
export async function startSession(
  db: Database,
  { cookies, user }: { cookies: CookieRules; user: Pick<User, 'id' | 'secretKey'> },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string | undefined> {
  await endSession(db, cookies, request, reply)
  const id = newSecret('session')
  const idHash = digest(id)
  const now = new Date()
  const userAgent = request.headers['user-agent']?.slice(0, 300) ?? null
  const started = await execute(db)`
    INSERT INTO sessions (id_hash, user_id, user_agent, address, created_at, authenticated_at, last_seen_at, expires_at)
    SELECT ${idHash}, u.id, ${userAgent}, ${request.ip}, ${now}::timestamptz, ${now}::timestamptz, ${now}::timestamptz,
      ${expiry(now, now)}::timestamptz
    FROM users u WHERE u.id = ${user.id} AND u.secret_key = ${user.secretKey} FOR SHARE`
  if (started === 0) return undefined
  reply.setCookie(cookies.serverOnlyName(cookieName), id, { ...cookies.serverOnly, maxAge: absoluteSeconds })
  return sessionKey(idHash)
}

function sessionKey(idHash: Uint8Array): string {
  return Buffer.from(idHash).toString('base64url')
}

/** The key of the session that the browser names, whether or not there is one. */
export function namedSessionKey(cookies: CookieRules, request: FastifyRequest): string | undefined {
  const id = request.cookies[cookies.serverOnlyName(cookieName)]
  return id === undefined ? undefined : sessionKey(digest(id))
}

/** Ends the session on the server and takes the cookie back. */
export async function endSession(
  db: Database,
  cookies: CookieRules,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const id = request.cookies[cookies.serverOnlyName(cookieName)]
  if (id === undefined) return
  await db.session.deleteMany({ where: { idHash: digest(id) } })
  reply.clearCookie(cookies.serverOnlyName(cookieName), cookies.serverOnly)
}

export interface SessionOptions {
  db: Database
  cookies: CookieRules
  /** What everybody with an account may do. */
  defaultPermissions: () => readonly DefaultPermission[]
  /** Nobody may act before having confirmed an e-mail address. */
  confirmedOnly: boolean
}

/** Recognises a signed-in browser; a cookie that names no live session counts as none. */
export function sessionAuthenticator(options: SessionOptions): Authenticate {
  const { cookies } = options
  return (request) => {
    const id = request.cookies[cookies.serverOnlyName(cookieName)]
    return id === undefined || id.length > 100 ? undefined : readSession(options, id)
  }
}

async function readSession(options: SessionOptions, id: string): Promise<Principal | undefined> {
  const { db, defaultPermissions, confirmedOnly } = options
  const session = await findSession(db, id, new Date())
  if (session === undefined) return undefined
  if (!session.isActive) return { kind: 'anonymous', account: 'disabled' }
  if (confirmedOnly && !session.isConfirmed) return { kind: 'anonymous', account: 'unconfirmed' }
  return {
    kind: 'user',
    userId: session.userId,
    credential: 'session',
    scopes: userScopes(withDefaultPermissions(session, defaultPermissions())),
    session: {
      key: sessionKey(session.idHash),
      username: session.username,
      name: session.name,
      authenticatedAt: session.authenticatedAt,
    },
  }
}

interface SessionRow {
  idHash: Uint8Array
  userId: number
  createdAt: Date
  lastSeenAt: Date
  authenticatedAt: Date
  username: string
  name: string
  isActive: boolean
  isConfirmed: boolean
  isSuperuser: boolean
  mayManageLibrary: boolean
  mayModerate: boolean
  mayManageSettings: boolean
}

async function findSession(db: Database, id: string, now: Date): Promise<SessionRow | undefined> {
  const [row] = await db.$queryRaw<SessionRow[]>`
    SELECT s.id_hash AS "idHash", s.user_id AS "userId", s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt",
      s.authenticated_at AS "authenticatedAt", u.username, u.name, u.is_superuser AS "isSuperuser", u.may_manage_library AS "mayManageLibrary",
      u.may_moderate AS "mayModerate", u.may_manage_settings AS "mayManageSettings", u.is_active AS "isActive",
      u.is_superuser OR u.email_verified_at IS NOT NULL AS "isConfirmed"
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id_hash = ${digest(id)} AND s.expires_at > ${now}`
  if (row !== undefined && now.getTime() - row.lastSeenAt.getTime() > touchSeconds * 1000) await touch(db, row, now)
  return row
}

async function touch(db: Database, { idHash, createdAt }: SessionRow, now: Date): Promise<void> {
  await db.session.updateMany({
    where: { idHash: Uint8Array.from(idHash) },
    data: { lastSeenAt: now, expiresAt: expiry(createdAt, now) },
  })
}

function expiry(createdAt: Date, lastSeenAt: Date): Date {
  return new Date(Math.min(createdAt.getTime() + absoluteSeconds * 1000, lastSeenAt.getTime() + idleSeconds * 1000))
}

/** Forgets sessions that have ended by themselves. */
export function pruneSessions(db: Database, round: Round): Promise<number> {
  const where = { expiresAt: { lt: longExpired(round) } }
  return deleteAll(round, (limit) => db.session.deleteMany({ where, limit }))
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { recordSecurityEvent } from '../../access/security-events.ts'
import type { User } from '../../db/generated/client.ts'
import type { Services } from '../../services.ts'
import { startSession } from '../sessions.ts'
import { logIn } from './login.ts'

/**
 * Signs this browser in, whichever door it came to; undefined = name and password do not match.
 * @throws Problem as `logIn`
 */
export async function signIn(
  { db, hasher, cookies, csrf }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  credentials: { username: string; password: string },
): Promise<User | undefined> {
  const noteFailure = (userId: number) => {
    // Not waited for, so that a known name takes no longer than an unknown one.
    recordSecurityEvent(db, request, { userId, kind: 'login-failed' }).catch((error: unknown) => {
      request.log.error({ err: error }, 'A failed login could not be noted')
    })
  }
  const user = await logIn(db, hasher, credentials, noteFailure)
  if (user === undefined) return undefined
  csrf.rotate(reply, await startSession(db, { cookies, userId: user.id }, request, reply))
  await recordSecurityEvent(db, request, { userId: user.id, kind: 'login' })
  return user
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { User } from '../../db/generated/client.ts'
import type { Services } from '../../services.ts'
import { startSession } from '../sessions.ts'
import { logIn } from './login.ts'

/**
 * Signs this browser in, whichever door it came to; undefined = name and password do not match.
 * @throws Problem as `logIn`; `throttled` when too many tries went wrong
 */
export async function signIn(
  { db, hasher, cookies, csrf, trail, guesses }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  credentials: { username: string; password: string },
): Promise<User | undefined> {
  const noteFailure = (userId: number) => trail.record(request, { userId, kind: 'login-failed' })
  const user = await guesses.login(request, reply, credentials.username, () =>
    logIn(db, hasher, credentials, noteFailure),
  )
  if (user === undefined) return undefined
  csrf.rotate(reply, await startSession(db, { cookies, userId: user.id }, request, reply))
  trail.record(request, { userId: user.id, kind: 'login' })
  return user
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { User } from '../../db/generated/client.ts'
import { wholeBody } from '../../http/validation.ts'
import { Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { askForConfirmation, mustConfirmEmail } from '../email-confirmation/confirmation.ts'
import { endSession, startSession } from '../sessions.ts'
import { logIn } from './login.ts'

/**
 * Signs this browser in, whichever door it came to; undefined = name and password do not match.
 * @throws Problem as `logIn`; `throttled` when too many tries went wrong; `invalid` for who has to confirm an address
 *   first, and is mailed another link
 */
export async function signIn(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  credentials: { username: string; password: string },
): Promise<User | undefined> {
  const { db, hasher, cookies, csrf, trail, guesses, config } = services
  const noteFailure = (userId: number | undefined) =>
    trail.record(request, { kind: 'login-failed', ...(userId !== undefined && { userId }) })
  const user = await guesses.login(request, reply, credentials.username, () =>
    logIn(db, hasher, credentials, noteFailure),
  )
  if (user === undefined) return undefined
  if (mustConfirmEmail(config, user)) {
    await askForConfirmation(services, user.email)
    throw new Problem('invalid', texts.login.unconfirmed, { fields: { [wholeBody]: [texts.login.unconfirmed] } })
  }
  const key = await startSession(db, { cookies, user }, request, reply)
  if (key === undefined) return undefined
  csrf.rotate(reply, key)
  trail.record(request, { userId: user.id, kind: 'login' })
  return user
}

/** Signs this browser out, whoever was signed in with it. */
export async function signOut(services: Services, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { db, cookies, csrf, trail } = services
  const { principal } = request
  await endSession(db, cookies, request, reply)
  csrf.rotate(reply, '')
  if (principal.kind === 'user' && principal.session !== undefined) {
    trail.record(request, { userId: principal.userId, kind: 'logout' })
  }
}

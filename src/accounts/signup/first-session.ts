import type { FastifyReply, FastifyRequest } from 'fastify'
import type { User } from '../../db/generated/client.ts'
import type { Services } from '../../services.ts'
import { mustConfirmEmail } from '../email-confirmation/confirmation.ts'
import { startSession } from '../sessions.ts'

/**
 * Signs the browser of somebody new in, unless the address has to be confirmed first. A form on another site may create an
 * account, but not sign this browser in with it.
 * @returns whether it is signed in
 */
export async function startFirstSession(
  { db, config, cookies, csrf, trail }: Services,
  user: User,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  if (mustConfirmEmail(config, user) || csrf.isFromElsewhere(request)) return false
  const key = await startSession(db, { cookies, user }, request, reply)
  if (key === undefined) return false
  csrf.rotate(reply, key)
  trail.record(request, { userId: user.id, kind: 'login' })
  return true
}

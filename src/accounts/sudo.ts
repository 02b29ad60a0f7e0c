import type { FastifyRequest } from 'fastify'
import { userOf } from '../access/principal.ts'
import type { Database } from '../db/database.ts'
import { invalidField, type Problem } from '../lib/problem.ts'
import type { Services, Sudo } from '../services.ts'
import { checkPasswordLength } from './passwords.ts'
import { findUser } from './users.ts'

/** For so long after giving the password, a browser need not give it again for what is dangerous. */
const freshSeconds = 10 * 60

type PasswordCheck = Pick<Services, 'db' | 'hasher' | 'guesses'>

export function createSudo(services: PasswordCheck): Sudo {
  return {
    isFresh,
    async require(request, { password, field }) {
      if (isFresh(request) && !password) return
      const { userId, session } = userOf(request)
      await checkPassword(services, userId, { password: password ?? '', field })
      if (session !== undefined) await noteFreshPassword(services.db, session.key)
    },
  }
}

function isFresh(request: FastifyRequest): boolean {
  const { session } = userOf(request)
  return session !== undefined && Date.now() - session.authenticatedAt.getTime() < freshSeconds * 1000
}

async function noteFreshPassword(db: Database, sessionKey: string): Promise<void> {
  const idHash = Uint8Array.from(Buffer.from(sessionKey, 'base64url'))
  await db.session.updateMany({ where: { idHash }, data: { authenticatedAt: new Date() } })
}

/** @throws Problem `invalid` naming `field`; `throttled` when too many passwords were wrong */
export async function checkPassword(
  { db, hasher, guesses }: PasswordCheck,
  userId: number,
  { password, field }: { password: string; field: string },
): Promise<void> {
  checkPasswordLength(password, field)
  const isRight =
    password !== '' && (await guesses.password(userId, () => isPasswordOf({ db, hasher }, userId, password)))
  if (!isRight) throw wrongPassword(field)
}

export function wrongPassword(field: string): Problem {
  return invalidField(field, 'That is not your password.')
}

async function isPasswordOf(
  { db, hasher }: Pick<Services, 'db' | 'hasher'>,
  userId: number,
  password: string,
): Promise<boolean> {
  const { passwordHash } = await findUser(db, userId)
  return hasher.verify(passwordHash, password)
}

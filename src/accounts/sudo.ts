import type { FastifyRequest } from 'fastify'
import { userOf } from '../access/principal.ts'
import type { Database } from '../db/database.ts'
import type { PasswordHasher } from '../lib/password-hasher.ts'
import { invalidField } from '../lib/problem.ts'
import { checkPasswordLength } from './passwords.ts'
import { findUser } from './users.ts'

/** For so long after giving the password, a browser need not give it again for what is dangerous. */
const freshSeconds = 10 * 60

/** Whether this browser's user has given the password just now. */
export function hasFreshPassword(request: FastifyRequest): boolean {
  const { session } = userOf(request)
  return session !== undefined && Date.now() - session.authenticatedAt.getTime() < freshSeconds * 1000
}

/**
 * Lets a dangerous change through: the password was given just now, or is given with it.
 * @throws Problem `invalid` naming `field`
 */
export async function requirePassword(
  { db, hasher }: { db: Database; hasher: PasswordHasher },
  request: FastifyRequest,
  { password, field }: { password: string | undefined; field: string },
): Promise<void> {
  if (hasFreshPassword(request) && !password) return
  await checkPassword({ db, hasher }, userOf(request).userId, { password: password ?? '', field })
  const { session } = userOf(request)
  if (session === undefined) return
  const idHash = Uint8Array.from(Buffer.from(session.key, 'base64url'))
  await db.session.updateMany({ where: { idHash }, data: { authenticatedAt: new Date() } })
}

/** @throws Problem `invalid` naming `field` */
export async function checkPassword(
  { db, hasher }: { db: Database; hasher: PasswordHasher },
  userId: number,
  { password, field }: { password: string; field: string },
): Promise<void> {
  checkPasswordLength(password, field)
  const { passwordHash } = await findUser(db, userId)
  if (!(await hasher.verify(passwordHash, password))) throw invalidField(field, 'That is not your password.')
}

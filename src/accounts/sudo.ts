import type { FastifyRequest } from 'fastify'
import { userOf } from '../access/principal.ts'
import type { Database } from '../db/database.ts'
import type { PasswordHasher } from '../lib/password-hasher.ts'
import { invalidField } from '../lib/problem.ts'
import type { Sudo } from '../services.ts'
import { checkPasswordLength } from './passwords.ts'
import { findUser } from './users.ts'

/** For so long after giving the password, a browser need not give it again for what is dangerous. */
const freshSeconds = 10 * 60

export function createSudo(db: Database, hasher: PasswordHasher): Sudo {
  return {
    isFresh,
    async require(request, { password, field }) {
      if (isFresh(request) && !password) return
      const { userId, session } = userOf(request)
      await checkPassword({ db, hasher }, userId, { password: password ?? '', field })
      if (session !== undefined) await noteFreshPassword(db, session.key)
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

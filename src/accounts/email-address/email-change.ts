import { invalidField } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { passwordMark } from '../account-mails.ts'
import { endOneTimeTokens } from '../one-time-tokens.ts'
import { findUser, keyOf } from '../users.ts'

/**
 * Sends a confirmation link to a new address. The user keeps the old one, which is told, until the new one is confirmed;
 * an earlier request is void. Callers have asked for the password.
 * @returns false for the address the user has already
 * @throws Problem `invalid` naming `email` when somebody else has confirmed the address
 */
export async function askEmailChange(
  { db, mailer }: Pick<Services, 'db' | 'mailer'>,
  { userId, email }: { userId: number; email: string },
): Promise<boolean> {
  const user = await findUser(db, userId)
  if (keyOf(email) === user.emailKey) return false
  const owner = await db.user.findFirst({ where: { emailKey: keyOf(email), emailVerifiedAt: { not: null } } })
  if (owner !== null) throw invalidField('email', 'A user is already registered with this e-mail address.')
  await db.$transaction(async (tx) => {
    await endOneTimeTokens(tx, userId, 'change-email')
    await tx.mail.deleteMany({ where: { userId, message: 'change-email', sentAt: null } })
    await mailer.send(tx, { message: 'change-email', recipient: email, userId, data: { under: passwordMark(user) } })
    await mailer.send(tx, { message: 'email-change-asked', recipient: user.email, userId })
  })
  return true
}

import { Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { checkNewPassword } from '../passwords.ts'
import { endOtherSessions } from '../session-list/session-list.ts'
import { checkPassword, wrongPassword } from '../sudo.ts'
import { findUser, newSecretKey } from '../users.ts'

export interface PasswordChange {
  userId: number
  oldPassword: string
  newPassword1: string
  newPassword2: string
  /** The session that goes on. */
  sessionKey: string | undefined
}

/**
 * Replaces the password. All other sessions, all listen tokens and all mailed links of the user end; the user is told.
 * @throws Problem `invalid` naming `old_password` or `new_password2`; `throttled` when too many passwords were wrong
 */
export async function changePassword(
  services: Pick<Services, 'db' | 'hasher' | 'guesses' | 'mailer' | 'config'>,
  change: PasswordChange,
): Promise<void> {
  const { db, hasher, mailer, config } = services
  const { userId, oldPassword, newPassword1, newPassword2 } = change
  const user = await findUser(db, userId)
  await checkPassword(services, userId, { password: oldPassword, field: 'old_password' })
  if (newPassword1 !== newPassword2) {
    const message = 'The two passwords are not the same.'
    throw new Problem('invalid', message, { fields: { new_password2: [message] } })
  }
  checkNewPassword(newPassword1, 'new_password2', user, config)
  const passwordHash = await hasher.hash(newPassword1)
  await db.$transaction(async (tx) => {
    // Only while the password is still the one that was given.
    const where = { id: userId, secretKey: user.secretKey }
    const { count } = await tx.user.updateMany({ where, data: { passwordHash, secretKey: newSecretKey() } })
    if (count === 0) throw wrongPassword('old_password')
    await endOtherSessions(tx, userId, change.sessionKey)
    await mailer.send(tx, { message: 'password-changed', recipient: user.email, userId })
  })
}

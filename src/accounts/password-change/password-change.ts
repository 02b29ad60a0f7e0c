import { Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { checkNewPassword } from '../passwords.ts'
import { endOtherSessions } from '../session-list/session-list.ts'
import { checkPassword } from '../sudo.ts'
import { newSecretKey } from '../users.ts'

export interface PasswordChange {
  userId: number
  oldPassword: string
  newPassword1: string
  newPassword2: string
  /** The session that goes on. */
  sessionKey: string | undefined
}

/**
 * Replaces the password. All other sessions and all listen tokens of the user end; links that would reset the password
 * are worth nothing any more.
 * @throws Problem `invalid` naming `old_password` or `new_password2`; `throttled` when too many passwords were wrong
 */
export async function changePassword(
  services: Pick<Services, 'db' | 'hasher' | 'guesses'>,
  change: PasswordChange,
): Promise<void> {
  const { db, hasher } = services
  const { userId, oldPassword, newPassword1, newPassword2 } = change
  await checkPassword(services, userId, { password: oldPassword, field: 'old_password' })
  if (newPassword1 !== newPassword2) {
    const message = 'The two passwords are not the same.'
    throw new Problem('invalid', message, { fields: { new_password2: [message] } })
  }
  checkNewPassword(newPassword1, 'new_password2')
  const passwordHash = await hasher.hash(newPassword1)
  await db.user.update({
    where: { id: userId },
    data: { passwordHash, secretKey: newSecretKey(), oneTimeTokens: { deleteMany: { purpose: 'reset-password' } } },
  })
  await endOtherSessions(db, userId, change.sessionKey)
}

import type { Database } from '../../db/database.ts'
import type { OneTimeToken, User } from '../../db/generated/client.ts'
import { Problem } from '../../lib/problem.ts'
import { endAllAccess } from '../../oauth/tokens/revoke-all.ts'
import type { Services } from '../../services.ts'
import { confirmAddress } from '../email-confirmation/confirmation.ts'
import { findOneTimeToken, readUid, useOneTimeToken } from '../one-time-tokens.ts'
import { checkNewPassword } from '../passwords.ts'
import { keyOf, newSecretKey } from '../users.ts'

/** Mails a link to whoever has the address. Does the same work whether or not somebody has. */
export async function askPasswordReset({ db, mailer }: Pick<Services, 'db' | 'mailer'>, email: string): Promise<void> {
  await mailer.send(db, { message: 'reset-password', recipient: email })
}

/** How a link names whose password it may reset. */
export interface ResetLink {
  uid: string
  token: string
}

interface Reset {
  user: User
  token: OneTimeToken
}

/** What a link is for, without using it; undefined = it is not, or no longer, good for anything. */
export async function findReset(db: Database, link: ResetLink): Promise<Reset | undefined> {
  const id = readUid(link.uid)
  const user = id === undefined ? null : await db.user.findUnique({ where: { id } })
  const token = await findOneTimeToken(db, user, { purposes: ['reset-password'], token: link.token })
  if (token === undefined || !user?.isActive || keyOf(token.email) !== user.emailKey) return undefined
  return { user, token }
}

/**
 * Sets a new password by a mailed link. All sessions, all other links, all access of clients and the tokens of the user's
 * own applications end, as a thief may have made them; the address the link came to counts as confirmed.
 * @returns whose password it was
 * @throws Problem `invalid` naming `uid` and `token` together, whichever of them is wrong, or `new_password2`
 */
export async function resetPassword(
  services: Pick<Services, 'db' | 'hasher' | 'mailer' | 'config'>,
  link: ResetLink,
  [password, repeated]: [string, string],
): Promise<number> {
  const { db, hasher, config } = services
  const reset = await findReset(db, link)
  if (reset === undefined) throw badLink()
  if (password !== repeated) {
    const message = "The two password fields didn't match."
    throw new Problem('invalid', message, { fields: { new_password2: [message] } })
  }
  checkNewPassword(password, 'new_password2', reset.user, config)
  await setNewPassword(services, reset, await hasher.hash(password))
  return reset.user.id
}

async function setNewPassword(
  { db, mailer }: Pick<Services, 'db' | 'mailer'>,
  { user, token }: Reset,
  passwordHash: string,
): Promise<void> {
  const { id: userId, email: recipient } = user
  await db.$transaction(async (tx) => {
    if (!(await useOneTimeToken(tx, token))) throw badLink()
    // Only while password and address are still those that the link was made for.
    const { count } = await tx.user.updateMany({
      where: { id: userId, secretKey: user.secretKey, emailKey: user.emailKey, isActive: true },
      data: { passwordHash, secretKey: newSecretKey() },
    })
    if (count === 0) throw badLink()
    await tx.session.deleteMany({ where: { userId } })
    await endAllAccess(tx, userId)
    await mailer.send(tx, { message: 'password-changed', recipient, userId })
  })
  await confirmAddress(db, user)
}

/** The same for accounts that exist and that do not. */
function badLink(): Problem {
  const invalid = ['Invalid value']
  return new Problem('invalid', 'The link is not valid.', { fields: { uid: invalid, token: invalid } })
}

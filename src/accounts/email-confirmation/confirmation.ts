import type { Config } from '../../config.ts'
import { type Database, isUniqueViolation } from '../../db/database.ts'
import type { OneTimeToken, User } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { findOneTimeToken, readUid, useOneTimeToken } from '../one-time-tokens.ts'
import { keyOf } from '../users.ts'

/** Whether the user may not log in before having confirmed an e-mail address. */
export function mustConfirmEmail(config: Pick<Config, 'accountEmailVerificationEnforce'>, user: User): boolean {
  return config.accountEmailVerificationEnforce && !user.isSuperuser && user.emailVerifiedAt === null
}

/** An address that a link in a mail can confirm. */
export interface Confirmation {
  user: User
  token: OneTimeToken
}

/** What the key in a link is for, without using it; undefined = it is not, or no longer, good for anything. */
export async function findConfirmation(db: Database, key: string): Promise<Confirmation | undefined> {
  const [uid = '', secret = ''] = key.split(':', 2)
  const id = readUid(uid)
  const user = id === undefined ? null : await db.user.findUnique({ where: { id } })
  const token = await findOneTimeToken(db, user, { purposes: ['verify-email', 'change-email'], token: secret })
  if (user === null || token === undefined) return undefined
  const isOutdated = token.purpose === 'verify-email' && keyOf(token.email) !== user.emailKey
  return isOutdated ? undefined : { user, token }
}

/**
 * Confirms the address that the key was sent to: the one the user has, or a new one, which the user has from then on.
 * @throws Problem `not_found` when the key is not, or no longer, good for that
 */
export async function confirmEmail({ db, mailer }: Pick<Services, 'db' | 'mailer'>, key: string) {
  const confirmation = await findConfirmation(db, key)
  if (confirmation === undefined) throw notFound('such key')
  const { user, token } = confirmation
  const isChange = token.purpose === 'change-email'
  try {
    await db.$transaction(async (tx) => {
      if (!(await useOneTimeToken(tx, token))) throw notFound('unused key')
      await setConfirmed(tx, confirmation)
      if (isChange) await mailer.send(tx, { message: 'email-changed', recipient: user.email, userId: user.id })
    })
  } catch (error) {
    // Somebody else has confirmed the address in the meantime.
    throw isUniqueViolation(error) ? notFound('free address') : error
  }
  return { userId: user.id, isChange }
}

/** Only while password and address are still those that the link was made for. */
async function setConfirmed(db: Database, { user, token: { email } }: Confirmation): Promise<void> {
  const { count } = await db.user.updateMany({
    where: { id: user.id, secretKey: user.secretKey, emailKey: user.emailKey },
    data: { email, emailKey: keyOf(email), emailVerifiedAt: new Date() },
  })
  if (count === 0) throw notFound('such key')
}

/** Whoever reads the user's mails has shown up. Changes nothing if somebody else has confirmed the address. */
export async function confirmAddress(db: Database, { id, emailKey }: User): Promise<void> {
  try {
    const where = { id, emailKey, emailVerifiedAt: null }
    await db.user.updateMany({ where, data: { emailVerifiedAt: new Date() } })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
  }
}

/** Sends another confirmation link, if there is something to confirm. Takes as long if there is not. */
export async function askForConfirmation(
  { db, mailer }: Pick<Services, 'db' | 'mailer'>,
  email: string,
): Promise<void> {
  await mailer.send(db, { message: 'verify-email', recipient: email })
}

import { type Database, isUniqueViolation } from '../../db/database.ts'
import type { User } from '../../db/generated/client.ts'
import { wholeBody } from '../../http/validation.ts'
import { type FieldMessages, Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { badInvitation, isInvitation, redeemInvitation } from '../invitations/invitations.ts'
import { findPasswordFaults } from '../passwords.ts'
import { insertUser, isRetired, keyOf, usernameTaken } from '../users.ts'
import { reservedUsernames } from './reserved-usernames.ts'

export interface NewAccount {
  username: string
  email: string
  password1: string
  password2: string
  invitation?: string | null | undefined
}

/** Whether people may sign up without an invitation. What needs approval is closed: nobody here could give it. */
export function isRegistrationOpen({ settings }: Pick<Services, 'settings'>): boolean {
  return settings.get('users__registration_enabled') && !settings.get('moderation__signup_approval_enabled')
}

/** @throws Problem `forbidden` when registration is closed and no invitation is given */
export function requireOpenRegistration(services: Pick<Services, 'settings'>, invitation: unknown): void {
  if (isRegistrationOpen(services) || (typeof invitation === 'string' && invitation.trim() !== '')) return
  throw new Problem('forbidden', 'Registration is closed. You need an invitation to sign up here.')
}

/**
 * Creates an account for somebody and mails a confirmation link. An address that another account has confirmed makes no
 * difference here: its owner gets another mail than the one who could confirm it.
 * @throws Problem `invalid` naming `username`, `password1`, `invitation` or the whole form; `forbidden`
 */
export async function signUp(
  services: Pick<Services, 'db' | 'hasher' | 'mailer' | 'config' | 'settings'>,
  account: NewAccount,
): Promise<User> {
  const { db, hasher, mailer } = services
  const { username, email, invitation } = account
  requireOpenRegistration(services, invitation)
  if (invitation && !(await isInvitation(db, invitation))) throw badInvitation()
  await checkNewAccount(services, account)
  const passwordHash = await hasher.hash(account.password1)
  try {
    return await db.$transaction(async (tx) => {
      const user = await insertUser(tx, { username, email, passwordHash, emailVerifiedAt: null })
      if (invitation) await redeemInvitation(tx, invitation, user.id)
      await mailer.send(tx, { message: 'verify-email', recipient: email, userId: user.id })
      return user
    })
  } catch (error) {
    throw isUniqueViolation(error) ? usernameTaken() : error
  }
}

async function checkNewAccount(
  { db, config }: Pick<Services, 'db' | 'config'>,
  { username, email, password1, password2 }: NewAccount,
): Promise<void> {
  const { plain, similar } = findPasswordFaults(password1, { username, email }, config)
  const differ = password1 === password2 ? [] : ["The two password fields didn't match."]
  const isFree = await isUsernameFree(db, username, config.accountUsernameBlacklist)
  const faults: FieldMessages = {
    username: isFree ? [] : ['A user with that username already exists.'],
    password1: plain,
    [wholeBody]: [...similar, ...differ],
  }
  const fields = Object.fromEntries(Object.entries(faults).filter(([, messages]) => messages.length !== 0))
  if (Object.keys(fields).length > 0) throw new Problem('invalid', 'The account cannot be created.', { fields })
}

async function isUsernameFree(db: Database, username: string, alsoReserved: string[]): Promise<boolean> {
  const usernameKey = keyOf(username)
  if (reservedUsernames.has(usernameKey) || alsoReserved.includes(usernameKey)) return false
  const isTaken = (await db.user.count({ where: { usernameKey } })) > 0
  return !isTaken && !(await isRetired(db, username))
}

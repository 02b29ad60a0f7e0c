import { createHash } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { Mail, User } from '../db/generated/client.ts'
import type { MailContent, Pod } from '../mail/content.ts'
import type { MailWriter } from '../mail/delivery.ts'
import { addressTaken } from '../mail/messages/address-taken.ts'
import { changeEmail } from '../mail/messages/change-email.ts'
import { emailChangeAsked } from '../mail/messages/email-change-asked.ts'
import { emailChanged } from '../mail/messages/email-changed.ts'
import { passwordChanged } from '../mail/messages/password-changed.ts'
import { resetPassword } from '../mail/messages/reset-password.ts'
import { verifyEmail } from '../mail/messages/verify-email.ts'
import type { Addressee, MessageName } from '../mail/queue.ts'
import { issueOneTimeToken, type Purpose, uidOf } from './one-time-tokens.ts'

/** Unconfirmed accounts that share an address, each of which gets a mail: more than that nobody has in earnest. */
const mostAccounts = 3

/** Writes the mails about accounts, from what is true at the moment of sending. */
export function accountMails(db: Database): MailWriter {
  return {
    addressees: (mail) => findAddressees(db, mail),
    write: async (mail, pod) => {
      const user = await db.user.findUnique({ where: { id: mail.userId } })
      return user?.isActive ? writers[mail.message as MessageName]?.(db, { mail, user, pod }) : undefined
    },
  }
}

/** The account that has confirmed the address; else those that say it is theirs, newest first. */
async function findAddressees(db: Database, { message, recipientKey }: Mail): Promise<Addressee[]> {
  const users = await db.user.findMany({ where: { emailKey: recipientKey, isActive: true }, orderBy: { id: 'desc' } })
  const owner = users.find(({ emailVerifiedAt }) => emailVerifiedAt !== null)
  if (owner !== undefined && message === 'verify-email') return []
  const found = owner === undefined ? users.slice(0, mostAccounts) : [owner]
  return found.map(({ id, email }) => ({ userId: id, recipient: email }))
}

interface Occasion {
  mail: Mail
  user: User
  pod: Pod
}

type Write = (db: Database, occasion: Occasion) => Promise<MailContent | undefined>

const writers: Record<MessageName, Write> = {
  'verify-email': async (db, { mail, user, pod }) => {
    if (user.emailVerifiedAt !== null || user.emailKey !== mail.recipientKey) return undefined
    const owner = await db.user.findFirst({ where: { emailKey: user.emailKey, emailVerifiedAt: { not: null } } })
    if (owner !== null) return addressTaken(pod, { username: owner.username, newUsername: user.username })
    return verifyEmail(pod, { username: user.username, link: await confirmationLink(db, user, mail, pod) })
  },
  'change-email': async (db, { mail, user, pod }) => {
    if (readData(mail).under !== passwordMark(user)) return undefined
    return changeEmail(pod, { username: user.username, link: await confirmationLink(db, user, mail, pod) })
  },
  'reset-password': async (db, { mail, user, pod }) => {
    if (user.emailKey !== mail.recipientKey) return undefined
    const token = await issueOneTimeToken(db, user, { purpose: 'reset-password', email: mail.recipient })
    const link = `${pod.publicUrl}/auth/password/reset/confirm?uid=${uidOf(user)}&token=${token}`
    return resetPassword(pod, { username: user.username, link })
  },
  'email-change-asked': async (_db, { user, pod }) => emailChangeAsked(pod, user),
  'email-changed': async (_db, { user, pod }) => emailChanged(pod, user),
  'password-changed': async (_db, { user, pod }) => passwordChanged(pod, user),
}

async function confirmationLink(db: Database, user: User, mail: Mail, { publicUrl }: Pod): Promise<string> {
  const token = await issueOneTimeToken(db, user, { purpose: mail.message as Purpose, email: mail.recipient })
  return `${publicUrl}/auth/email/confirm?key=${uidOf(user)}:${token}`
}

function readData({ data }: Mail): Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {}
}

/** Tells whether the password has changed since, and nothing else. */
export function passwordMark({ secretKey }: Pick<User, 'secretKey'>): string {
  return createHash('sha256').update(secretKey).digest('base64url').slice(0, 22)
}

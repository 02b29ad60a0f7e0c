import type { Database, DatabaseClient } from '../db/database.ts'
import type { Mail } from '../db/generated/client.ts'
import { deleteAll } from '../maintenance/batches.ts'
import { dayMs, type Round } from '../maintenance/maintenance.ts'

export type MessageName =
  | 'verify-email'
  | 'change-email'
  | 'email-change-asked'
  | 'email-changed'
  | 'reset-password'
  | 'password-changed'

export interface NewMail {
  message: MessageName
  recipient: string
  /** Left out = whoever has the address when it is sent, so that queueing tells nothing about accounts. */
  userId?: number
  /** No secrets: links are made when the mail is sent. */
  data?: Record<string, string>
}

const hourMs = 60 * 60 * 1000

/** Anybody can have these sent to an address. */
const askedByAnybody = new Set<MessageName>(['verify-email', 'change-email', 'reset-password'])
/** So many of each go to one mailbox in an hour; what is more is dropped without a word. */
const mostPerHour = 5

/** What was claimed and neither sent nor given back in that time is free again: whoever claimed it is gone. */
const leaseMs = 2 * 60 * 1000
/** No longer than this is a mail worth sending. */
const giveUpAfterMs = 4 * 24 * hourMs

/** Writes a mail into the queue, in the transaction of what it tells of. One statement, whether or not it is dropped. */
export async function addMail(db: Database, { message, recipient, userId, data = {} }: NewMail): Promise<void> {
  const now = new Date()
  const key = recipient.toLowerCase()
  const most = askedByAnybody.has(message) ? mostPerHour : 1_000_000
  await db.$executeRaw`
    INSERT INTO mails (user_id, message, recipient, recipient_key, data, created_at, next_attempt_at)
    SELECT ${userId ?? null}::int, ${message}, ${recipient}, ${key}, ${JSON.stringify(data)}::jsonb,
      ${now}::timestamptz, ${now}::timestamptz
    WHERE ${most}::int > (
      SELECT count(*) FROM mails
      WHERE recipient_key = ${key} AND message = ${message} AND created_at > ${new Date(now.getTime() - hourMs)}
    )`
}

/** Takes a mail that is due, so that nobody else does; undefined = there is none. */
export async function claimMail(db: Database, now: Date): Promise<Mail | undefined> {
  const [claimed] = await db.$queryRaw<{ id: bigint }[]>`
    UPDATE mails SET attempts = attempts + 1, next_attempt_at = ${new Date(now.getTime() + leaseMs)}
    WHERE id = (
      SELECT id FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= ${now}
      ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id`
  if (claimed === undefined) return undefined
  return (await db.mail.findUnique({ where: { id: claimed.id } })) ?? undefined
}

/** Nothing more is to be done for this mail. */
export async function finishMail(db: Database, { id }: Mail): Promise<void> {
  await db.mail.updateMany({ where: { id }, data: { sentAt: new Date(), lastError: null, data: {} } })
}

/** Whom a mail to an address is for. */
export interface Addressee {
  userId: number
  /** As the account spells it. */
  recipient: string
}

/** In place of a mail to whoever has an address, one to each of these users. */
export async function splitMail(db: DatabaseClient, mail: Mail, addressees: Addressee[]): Promise<void> {
  const { id, message, recipientKey, createdAt } = mail
  const shared = { message, recipientKey, data: {}, createdAt, nextAttemptAt: new Date() }
  await db.$transaction([
    db.mail.createMany({ data: addressees.map((addressee) => ({ ...shared, ...addressee })) }),
    db.mail.deleteMany({ where: { id } }),
  ])
}

/**
 * Puts a mail back, to be tried again later: in half a minute, then twice as long each time. What the mail server refused
 * waits up to six hours between tries, what did not get that far five minutes, so that all goes out soon after an outage.
 * @returns whether it will be tried again
 */
export async function postponeMail(
  db: Database,
  mail: Mail,
  { error, isRefused }: { error: string; isRefused: boolean },
): Promise<boolean> {
  const now = new Date()
  const isOver = now.getTime() - mail.createdAt.getTime() > giveUpAfterMs
  const waitMs = Math.min(30_000 * 2 ** (mail.attempts - 1), isRefused ? 6 * hourMs : 300_000)
  await db.mail.updateMany({
    where: { id: mail.id },
    data: {
      nextAttemptAt: new Date(now.getTime() + waitMs),
      lastError: error.slice(0, 500),
      ...(isOver && { failedAt: now }),
    },
  })
  return !isOver
}

/** Forgets sent mails after a day and failed ones, which an admin may want to see, after a month. */
export function forgetOldMails(db: Database, round: Round): Promise<number> {
  const before = (days: number) => ({ lt: new Date(round.now.getTime() - days * dayMs) })
  const where = { OR: [{ sentAt: before(1) }, { failedAt: before(30) }] }
  return deleteAll(round, (limit) => db.mail.deleteMany({ where, limit }))
}

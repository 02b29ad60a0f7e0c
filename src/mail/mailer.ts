import type { Database } from '../db/database.ts'
import { type Repeating, repeat } from '../lib/repeating.ts'
import { type Delivery, deliverDue, type MailLog } from './delivery.ts'
import { addMail, type NewMail } from './queue.ts'

export interface Mailer {
  /** Queues a mail in `db`: it goes out if what it tells of is committed. No answer waits for the mail server. */
  send(db: Database, mail: NewMail): Promise<void>
  /** Sends what is due, and goes on doing so. */
  start(log: MailLog): void
  stop(): Promise<void>
}

const lookEveryMs = 5_000
/** At the end, for the mail that is being sent. */
const finishWithinMs = 5_000

export function createMailer(delivery: Delivery): Mailer {
  const ending = new AbortController()
  let isEnding = false
  let loop: Repeating | undefined
  return {
    send: async (db, mail) => {
      await addMail(db, mail)
      loop?.wake()
    },
    start: (log) => {
      const { outbox } = delivery.transport
      if (outbox !== undefined) log.warn(`SMTP_URL is not set: mails are not sent, but written to ${outbox}`)
      const round = { log, goOn: () => !isEnding, signal: ending.signal }
      const complain = (err: unknown) => log.error({ err }, 'The mail queue cannot be read')
      loop = repeat(() => deliverDue(delivery, round).catch(complain), lookEveryMs)
    },
    stop: async () => {
      isEnding = true
      const overdue = setTimeout(() => ending.abort(), finishWithinMs)
      await loop?.stop()
      clearTimeout(overdue)
    },
  }
}

import { accountMails } from '../../src/accounts/account-mails.ts'
import type { Config } from '../../src/config.ts'
import type { DatabaseClient } from '../../src/db/database.ts'
import { deliverDue, type MailLog } from '../../src/mail/delivery.ts'
import type { OutgoingMail } from '../../src/mail/outgoing.ts'

/** The mails a pod has sent, whoever they are to. */
export interface Mailbox {
  /** What came since it was last opened. */
  open(): Promise<OutgoingMail[]>
}

const silent: MailLog = { info: () => {}, warn: () => {}, error: () => {} }

/** Delivers what the pod has queued into memory. */
export function mailboxOf({ db, config }: { db: DatabaseClient; config: Config }): Mailbox {
  const received: OutgoingMail[] = []
  const transport = { send: async (mail: OutgoingMail) => void received.push(mail) }
  const delivery = { db, config, podName: () => 'Pod of Tests', transport, writer: accountMails(db) }
  const round = { log: silent, goOn: () => true, signal: new AbortController().signal }
  return {
    open: async () => {
      await deliverDue(delivery, round)
      return received.splice(0)
    },
  }
}

/** The path and query of the link in a mail. */
export function linkIn(mail: { text: string } | undefined): string {
  const [link] = /https?:\S+\?\S+/.exec(mail?.text ?? '') ?? []
  if (link === undefined) throw new Error(`no link in: ${mail?.text}`)
  const { pathname, search } = new URL(link)
  return pathname + search
}

/** A parameter of the link in a mail. */
export function linkParameter(mail: { text: string } | undefined, name: string): string {
  return new URL(linkIn(mail), 'http://pod').searchParams.get(name) ?? ''
}

import type { FastifyBaseLogger } from 'fastify'
import type { NodemailerError } from 'nodemailer'
import type { Config } from '../config.ts'
import { type DatabaseClient, isDatabaseUnavailable } from '../db/database.ts'
import type { Mail } from '../db/generated/client.ts'
import { parseMailAddress } from '../lib/mail-address.ts'
import type { MailContent, Pod } from './content.ts'
import { layOutHtml, layOutText } from './layout.tsx'
import type { OutgoingMail } from './outgoing.ts'
import { type Addressee, claimMail, finishMail, postponeMail, splitMail } from './queue.ts'
import { isOutage, type Transport } from './transport.ts'

/** Knows what the queue does not: whose accounts a mail is about, and what it says. */
export interface MailWriter {
  addressees(mail: Mail): Promise<Addressee[]>
  /** Undefined = there is nothing to tell any more. */
  write(mail: Mail & { userId: number }, pod: Pod): Promise<MailContent | undefined>
}

export interface Delivery {
  db: DatabaseClient
  config: Pick<Config, 'publicUrl' | 'emailFrom'>
  podName: () => string
  transport: Transport
  writer: MailWriter
}

export type MailLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>

interface Round {
  log: MailLog
  /** Asked before each mail. */
  goOn: () => boolean
  signal: AbortSignal
}

const sendWithinMs = 60_000

/** Sends the mails that are due, one after the other; an outage of the mail server ends the round. */
export async function deliverDue(delivery: Delivery, round: Round): Promise<void> {
  while (round.goOn()) {
    const mail = await claimMail(delivery.db, new Date())
    if (mail === undefined || !(await deliver(delivery, mail, round))) return
  }
}

/** @returns whether it is any use to try the next one */
async function deliver(delivery: Delivery, mail: Mail, round: Round): Promise<boolean> {
  const { db, writer } = delivery
  const { userId } = mail
  if (userId === null) {
    const addressees = await writer.addressees(mail)
    await (addressees.length > 0 ? splitMail(db, mail, addressees) : finishMail(db, mail))
    return true
  }
  const failure = await attempt(delivery, { ...mail, userId }, round)
  if (failure === undefined) {
    await finishMail(db, mail)
    return true
  }
  const goesOn = await postponeMail(db, mail, { error: String(failure.error), isRefused: !failure.isOutage })
  const outcome = goesOn ? 'it will be tried again' : 'it is given up'
  round.log.warn({ ...about(mail), ...describe(failure.error) }, `A mail could not be sent; ${outcome}`)
  return !failure.isOutage
}

interface Failure {
  error: unknown
  /** The mail server is the trouble, rather than this mail. */
  isOutage: boolean
}

async function attempt(
  delivery: Delivery,
  mail: Mail & { userId: number },
  { log, signal }: Round,
): Promise<Failure | undefined> {
  const pod = { name: delivery.podName(), publicUrl: delivery.config.publicUrl }
  let content: MailContent | undefined
  try {
    content = await delivery.writer.write(mail, pod)
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw error
    return { error, isOutage: false }
  }
  if (content === undefined) return undefined
  const within = AbortSignal.any([signal, AbortSignal.timeout(sendWithinMs)])
  try {
    await delivery.transport.send(layOut(delivery, mail, content, pod), within)
  } catch (error) {
    return { error, isOutage: isOutage(error) }
  }
  log.info(about(mail), 'A mail was sent')
  return undefined
}

function layOut({ config }: Delivery, { id, recipient }: Mail, content: MailContent, pod: Pod): OutgoingMail {
  const from = parseMailAddress(config.emailFrom) ?? { name: '', address: config.emailFrom }
  return {
    id,
    from: { name: from.name || pod.name, address: from.address },
    to: recipient,
    subject: content.subject,
    text: layOutText(content, pod),
    html: layOutHtml(content, pod),
  }
}

function about({ id, message, attempts }: Mail): object {
  return { mail: String(id), message, attempts }
}

/** Without the words of the mail server, which may hold an address. */
function describe(error: unknown): object {
  const { code, responseCode } = error as NodemailerError
  return code === undefined ? { err: error } : { code, responseCode }
}

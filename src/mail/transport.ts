import { resolve } from 'node:path'
import { createTransport, type NodemailerError, type SMTPTransportOptions } from 'nodemailer'
import type { Config } from '../config.ts'
import { parseSmtpUrl, type SmtpServer } from '../lib/smtp-url.ts'
import { writeToOutbox } from './outbox.ts'
import { messageOf, type OutgoingMail } from './outgoing.ts'

/** How mails leave the pod. */
export interface Transport {
  /** The folder that takes the place of a mail server. */
  outbox?: string
  /** Throws when the mail was not taken. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>
}

export function openTransport({ smtpUrl, dataDir }: Pick<Config, 'smtpUrl' | 'dataDir'>): Transport {
  const server = smtpUrl === undefined ? undefined : parseSmtpUrl(smtpUrl)
  return server === undefined ? openOutbox(resolve(dataDir, 'outbox')) : openSmtp(server)
}

/** Says hello to the mail server and logs in, without sending anything. Throws what keeps it from that. */
export async function verifyTransport(smtpUrl: string): Promise<void> {
  const server = parseSmtpUrl(smtpUrl)
  if (server === undefined) throw new Error('SMTP_URL is no address of a mail server')
  const transport = createTransport(smtpOptions(server))
  try {
    await transport.verify()
  } finally {
    transport.close()
  }
}

function openOutbox(folder: string): Transport {
  return { outbox: folder, send: (mail) => writeToOutbox(folder, mail) }
}

function openSmtp(server: SmtpServer): Transport {
  const transport = createTransport(smtpOptions(server))
  return { send: async (mail, signal) => void (await transport.sendMail({ ...messageOf(mail), signal })) }
}

function smtpOptions({ host, port, encryption, login }: SmtpServer): SMTPTransportOptions {
  return {
    host,
    port,
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    // Where encryption is not asked for, one that nobody vouches for is better than none.
    ...(encryption === 'opportunistic' && { tls: { rejectUnauthorized: false } }),
    ...(login !== undefined && { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** The mail server, or the way to it, is the trouble, rather than this mail. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code = '', command, responseCode, syscall } = error as NodemailerError
  return outageCodes.has(code) || command === 'MAIL FROM' || responseCode === 421 || syscall !== undefined
}

const outageCodes = new Set<string>([
  ...['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EPROTOCOL', 'EABORT'],
  ...['EAUTH', 'ENOAUTH'],
])

import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface TestSmtpServer {
  url: string
  port: number
  /** In the order in which they came. */
  received: ReceivedMail[]
  /** No connection survives. */
  kill(): Promise<void>
}

export interface ReceivedMail {
  envelope: { from: string; to: string[] }
  raw: string
  email: Email
}

/** A mail server on this machine. */
export async function startSmtpServer(options: SMTPServerOptions & { port?: number } = {}): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = []
  const { port = 0, ...rest } = options
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 1,
    logger: false,
    onData: async (stream, session, done) => {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      const raw = Buffer.concat(chunks).toString('utf8')
      const { mailFrom, rcptTo } = session.envelope
      const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) }
      received.push({ envelope, raw, email: await PostalMime.parse(raw) })
      done()
    },
    ...rest,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  const { port: open } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${open}`,
    port: open,
    received,
    kill: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

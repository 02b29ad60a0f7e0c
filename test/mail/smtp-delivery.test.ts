import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountMails } from '../../src/accounts/account-mails.ts'
import { readConfig } from '../../src/config.ts'
import type { DatabaseClient } from '../../src/db/database.ts'
import type { MailLog } from '../../src/mail/delivery.ts'
import { createMailer, type Mailer } from '../../src/mail/mailer.ts'
import { openTransport } from '../../src/mail/transport.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { aUser } from '../support/factories.ts'
import { startSmtpServer, type TestSmtpServer } from '../support/smtp.ts'

let db: DatabaseClient
const mailers: Mailer[] = []
const servers: TestSmtpServer[] = []
let said: string[] = []

const log: MailLog = {
  info: (...parts: unknown[]) => void said.push(JSON.stringify(parts)),
  warn: (...parts: unknown[]) => void said.push(JSON.stringify(parts)),
  error: (...parts: unknown[]) => void said.push(JSON.stringify(parts)),
}

beforeEach(async () => {
  db = await testDatabase()
  await emptyDatabase(db)
  said = []
})
afterEach(async () => {
  await Promise.all(mailers.splice(0).map((mailer) => mailer.stop()))
  await Promise.all(servers.splice(0).map((server) => server.kill()))
})

function aMailer(smtpUrl: string): Mailer {
  const config = readConfig({ SMTP_URL: smtpUrl, PUBLIC_URL: 'https://pod.example' })
  const transport = openTransport(config)
  const mailer = createMailer({ db, config, podName: () => 'Pod of Tests', transport, writer: accountMails(db) })
  mailers.push(mailer)
  return mailer
}

async function aServer(options: Parameters<typeof startSmtpServer>[0] = {}): Promise<TestSmtpServer> {
  const server = await startSmtpServer(options)
  servers.push(server)
  return server
}

async function until(check: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms; ${said.join('\n')}`)
    await wait(20)
  }
}

const unsent = () => db.mail.count({ where: { sentAt: null } })

/** As if the time until the next attempt had passed. */
const makeDue = () => db.mail.updateMany({ data: { nextAttemptAt: new Date(0) } })

describe('a mail server', () => {
  test('gets what is queued, as text and as HTML, soon after it was queued', async () => {
    const server = await aServer()
    const mailer = aMailer(server.url)
    mailer.start(log)
    const alice = await aUser(db, { username: 'alice', email: 'alice@example.org' })
    await mailer.send(db, { message: 'password-changed', recipient: alice.email, userId: alice.id })
    await until(() => server.received.length === 1, 3_000)

    const [mail] = server.received
    expect(mail?.envelope).toEqual({ from: 'noreply@pod.example', to: ['alice@example.org'] })
    expect(mail?.email).toMatchObject({
      from: { name: 'Pod of Tests', address: 'noreply@pod.example' },
      to: [{ address: 'alice@example.org' }],
      subject: 'Your password on Pod of Tests was changed',
    })
    expect(mail?.email.text).toContain('https://pod.example/auth/password/reset')
    expect(mail?.email.html).toContain('<a href="https://pod.example/auth/password/reset"')
    expect(mail?.raw).toContain('Auto-Submitted: auto-generated')
    await until(async () => (await unsent()) === 0)
  })

  test('that asks for a login gets it', async () => {
    const logins: unknown[] = []
    const server = await aServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        logins.push([username, password])
        done(null, { user: username })
      },
    })
    const alice = await aUser(db)
    const mailer = aMailer(`smtp://pod%40example.org:p%40ss@127.0.0.1:${server.port}`)
    await mailer.send(db, { message: 'password-changed', recipient: alice.email, userId: alice.id })
    mailer.start(log)
    await until(() => server.received.length === 1)
    expect(logins).toEqual([['pod@example.org', 'p@ss']])
  })

  test('without the encryption that was asked for gets nothing', async () => {
    const server = await aServer()
    const alice = await aUser(db)
    const mailer = aMailer(`smtp+tls://127.0.0.1:${server.port}`)
    await mailer.send(db, { message: 'password-changed', recipient: alice.email, userId: alice.id })
    mailer.start(log)
    await until(() => said.some((line) => line.includes('could not be sent')))
    expect(server.received).toEqual([])
    expect(await unsent()).toBe(1)
  })
})

describe('a dead mail server loses nothing (S93)', () => {
  test('what was queued before, while it is away and after all arrives, each once', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => aUser(db)))
    const first = await aServer()
    const mailer = aMailer(first.url)
    const queue = (some: typeof users) =>
      Promise.all(
        some.map(({ id, email }) => mailer.send(db, { message: 'password-changed', recipient: email, userId: id })),
      )
    mailer.start(log)
    await queue(users.slice(0, 4))
    await until(() => first.received.length === 4)
    await until(async () => (await unsent()) === 0)
    await first.kill()

    await queue(users.slice(4, 8))
    await until(() => said.some((line) => line.includes('it will be tried again')))
    expect(await unsent()).toBe(4)

    const second = await aServer({ port: first.port })
    await makeDue()
    await queue(users.slice(8))
    await until(async () => (await unsent()) === 0)
    const arrived = [...first.received, ...second.received].map(({ envelope }) => envelope.to[0])
    expect(arrived.sort()).toEqual(users.map(({ email }) => email).sort())
  })

  test('one that dies in the middle of a mail gets it again', async () => {
    const alice = await aUser(db)
    const first = await aServer({
      onData: (stream) => {
        stream.once('data', () => void first.kill())
        stream.resume()
      },
    })
    const mailer = aMailer(first.url)
    await mailer.send(db, { message: 'password-changed', recipient: alice.email, userId: alice.id })
    mailer.start(log)
    await until(() => said.some((line) => line.includes('it will be tried again')))
    const second = await aServer({ port: first.port })
    await makeDue()
    await until(() => second.received.length === 1)
  })

  test('a link in a mail that is sent again works', async () => {
    const alice = await aUser(db, { email: 'alice@example.org', emailVerifiedAt: null })
    const refusals: string[] = []
    const server = await aServer({
      onRcptTo: ({ address }, _session, done) => {
        if (refusals.length > 0) return done()
        refusals.push(address)
        done(Object.assign(new Error('busy'), { responseCode: 451 }))
      },
    })
    const mailer = aMailer(server.url)
    await mailer.send(db, { message: 'verify-email', recipient: alice.email, userId: alice.id })
    mailer.start(log)
    await until(() => refusals.length === 1 && said.some((line) => line.includes('it will be tried again')))
    await makeDue()
    await until(() => server.received.length === 1)
    const { confirmEmail } = await import('../../src/accounts/email-confirmation/confirmation.ts')
    const key = /key=(\S+)/.exec(server.received[0]?.email.text ?? '')?.[1] ?? ''
    expect(await confirmEmail({ db, mailer }, key)).toMatchObject({ userId: alice.id })
  })

  test('nor does a pod that dies while it sends: another one takes over', async () => {
    const alice = await aUser(db)
    const server = await aServer()
    const mailer = aMailer(server.url)
    await mailer.send(db, { message: 'password-changed', recipient: alice.email, userId: alice.id })
    const { claimMail } = await import('../../src/mail/queue.ts')
    expect(await claimMail(db, new Date())).toMatchObject({ attempts: 1 })
    expect(await claimMail(db, new Date())).toBeUndefined()
    expect(await claimMail(db, new Date(Date.now() + 60_000))).toBeUndefined()
    await db.mail.updateMany({ data: { nextAttemptAt: new Date(Date.now() - 1) } })
    mailer.start(log)
    await until(() => server.received.length === 1)
  })

  test('two pods on one queue send each mail once', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => aUser(db)))
    const server = await aServer()
    const pods = [aMailer(server.url), aMailer(server.url)]
    for (const { id, email } of users) {
      await pods[0]?.send(db, { message: 'password-changed', recipient: email, userId: id })
    }
    for (const pod of pods) pod.start(log)
    await until(async () => (await unsent()) === 0)
    expect(server.received.map(({ envelope }) => envelope.to[0]).sort()).toEqual(users.map(({ email }) => email).sort())
  })

  test('one mail that is refused holds up no other', async () => {
    const [bad, good] = [await aUser(db), await aUser(db)]
    const server = await aServer({
      onRcptTo: ({ address }, _session, done) =>
        address === bad.email ? done(Object.assign(new Error('no such user'), { responseCode: 550 })) : done(),
    })
    const mailer = aMailer(server.url)
    for (const { id, email } of [bad, good]) {
      await mailer.send(db, { message: 'password-changed', recipient: email, userId: id })
    }
    mailer.start(log)
    await until(() => server.received.length === 1)
    expect(server.received[0]?.envelope.to).toEqual([good.email])
    const left = await db.mail.findFirst({ where: { sentAt: null } })
    expect(left).toMatchObject({
      recipient: bad.email,
      attempts: 1,
      lastError: expect.stringContaining('no such user'),
    })
  })
})

test('what is in flight is finished when the pod stops', async () => {
  const alice = await aUser(db)
  let started = false
  const server = await aServer({
    onMailFrom: (_address, _session, done) => {
      started = true
      setTimeout(done, 500)
    },
  })
  const mailer = aMailer(server.url)
  await mailer.send(db, { message: 'password-changed', recipient: alice.email, userId: alice.id })
  mailer.start(log)
  await until(() => started)
  await mailer.stop()
  expect(server.received).toHaveLength(1)
  expect(await unsent()).toBe(0)
})

test('the log names no address, link or token (S94)', async () => {
  const server = await aServer({
    onRcptTo: ({ address }, _session, done) => {
      done(Object.assign(new Error(`${address} is not known here`), { responseCode: 550 }))
    },
  })
  const alice = await aUser(db, { email: 'alice@example.org' })
  const mailer = aMailer(server.url)
  await mailer.send(db, { message: 'reset-password', recipient: alice.email })
  mailer.start(log)
  await until(() => said.some((line) => line.includes('could not be sent')))
  expect(said.join('\n')).not.toMatch(/alice@|bll_|token=/)
})

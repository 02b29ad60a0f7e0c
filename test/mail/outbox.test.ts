import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountMails } from '../../src/accounts/account-mails.ts'
import { readConfig } from '../../src/config.ts'
import { deliverDue } from '../../src/mail/delivery.ts'
import { createMailer } from '../../src/mail/mailer.ts'
import { addMail } from '../../src/mail/queue.ts'
import { openTransport } from '../../src/mail/transport.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { aUser } from '../support/factories.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  await emptyDatabase(await testDatabase())
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const silent = { info: () => {}, warn: () => {}, error: () => {} }

test('without a mail server, mails are files that only the pod may read', async () => {
  const db = await testDatabase()
  const config = { ...readConfig({}), dataDir }
  const { id: userId } = await aUser(db, { username: 'alice', email: 'alice@example.org' })
  await addMail(db, { message: 'reset-password', recipient: 'alice@example.org', userId })
  const delivery = {
    db,
    config,
    podName: () => 'Pöd of Tests',
    transport: openTransport(config),
    writer: accountMails(db),
  }
  await deliverDue(delivery, { log: silent, goOn: () => true, signal: new AbortController().signal })

  const folder = join(dataDir, 'outbox')
  const [name = '', ...more] = await readdir(folder)
  expect(more).toEqual([])
  expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-\d+\.eml$/)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  const mail = await PostalMime.parse(await readFile(join(folder, name)))
  expect(mail).toMatchObject({ subject: 'A new password for Pöd of Tests', to: [{ address: 'alice@example.org' }] })
  expect(mail.text).toContain('/auth/password/reset/confirm?uid=')
})

test('the log says once that mails are not sent, and where they are', async () => {
  const db = await testDatabase()
  const config = { ...readConfig({}), dataDir }
  const transport = openTransport(config)
  const mailer = createMailer({ db, config, podName: () => 'Pod', transport, writer: accountMails(db) })
  const warnings: unknown[] = []
  mailer.start({ ...silent, warn: (text: unknown) => void warnings.push(text) })
  await mailer.stop()
  expect(warnings).toEqual([`SMTP_URL is not set: mails are not sent, but written to ${join(dataDir, 'outbox')}`])
})

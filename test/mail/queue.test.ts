import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DatabaseClient } from '../../src/db/database.ts'
import { addMail, claimMail, finishMail, forgetOldMails, postponeMail } from '../../src/mail/queue.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { aUser } from '../support/factories.ts'

const minute = 60_000
const hour = 60 * minute

let db: DatabaseClient
let userId: number
const recipient = 'Alice@example.org'

beforeEach(async () => {
  db = await testDatabase()
  await emptyDatabase(db)
  userId = (await aUser(db)).id
})
afterEach(() => {
  vi.useRealTimers()
})

async function claim() {
  const mail = await claimMail(db, new Date())
  if (mail === undefined) throw new Error('no mail is due')
  return mail
}

test('a mail is queued if what it tells of is committed, and not otherwise', async () => {
  const undone = db.$transaction(async (tx) => {
    await addMail(tx, { message: 'password-changed', recipient, userId })
    throw new Error('changed my mind')
  })
  await expect(undone).rejects.toThrow('changed my mind')
  expect(await db.mail.count()).toBe(0)
})

test('a mail that was claimed is nobody else’s for two minutes', async () => {
  await addMail(db, { message: 'password-changed', recipient, userId })
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimMail(db, new Date())))
  expect(claims.filter((mail) => mail !== undefined)).toHaveLength(1)
  expect(await claimMail(db, new Date(Date.now() + 2 * minute - 5_000))).toBeUndefined()
  expect(await claimMail(db, new Date(Date.now() + 2 * minute + 5_000))).toMatchObject({ attempts: 2, recipient })
})

test.each([
  { kind: 'refused', isRefused: true, waits: [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360] },
  { kind: 'unreachable', isRefused: false, waits: [0.5, 1, 2, 4, 5, 5, 5] },
])('each try waits twice as long as the one before, up to a limit: $kind', async ({ isRefused, waits }) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await addMail(db, { message: 'password-changed', recipient, userId })
  for (const minutes of waits) {
    const mail = await claim()
    expect(await postponeMail(db, mail, { error: 'no', isRefused })).toBe(true)
    expect(await claimMail(db, new Date(Date.now() + minutes * minute - 1000))).toBeUndefined()
    vi.setSystemTime(Date.now() + minutes * minute)
  }
})

test('after four days a mail is given up, and kept for the admin to see for a month', async () => {
  await addMail(db, { message: 'password-changed', recipient, userId })
  vi.setSystemTime(Date.now() + 4 * 24 * hour + minute)
  expect(await postponeMail(db, await claim(), { error: '550 no', isRefused: true })).toBe(false)
  vi.setSystemTime(Date.now() + 24 * hour)
  expect(await claimMail(db, new Date())).toBeUndefined()
  await forgetOldMails(db, { now: new Date(), goOn: () => true })
  expect(await db.mail.findFirst()).toMatchObject({ lastError: '550 no', failedAt: expect.any(Date) })
  vi.setSystemTime(Date.now() + 30 * 24 * hour)
  await forgetOldMails(db, { now: new Date(), goOn: () => true })
  expect(await db.mail.count()).toBe(0)
})

test('a sent mail is forgotten after a day, a waiting one never', async () => {
  await addMail(db, { message: 'password-changed', recipient, userId })
  await addMail(db, { message: 'email-changed', recipient, userId })
  await finishMail(db, await claim())
  vi.setSystemTime(Date.now() + 25 * hour)
  await forgetOldMails(db, { now: new Date(), goOn: () => true })
  expect(await db.mail.findMany({ select: { message: true } })).toEqual([{ message: 'email-changed' }])
})

test('a mailbox gets five of what anybody can ask for an hour, and of each other kind any number', async () => {
  for (let i = 0; i < 7; i++) {
    await addMail(db, { message: 'reset-password', recipient: i % 2 === 0 ? recipient : recipient.toUpperCase() })
    await addMail(db, { message: 'password-changed', recipient, userId })
  }
  expect(await db.mail.count({ where: { message: 'reset-password' } })).toBe(5)
  expect(await db.mail.count({ where: { message: 'password-changed' } })).toBe(7)
  await addMail(db, { message: 'reset-password', recipient: 'bob@example.org' })
  vi.setSystemTime(Date.now() + hour + 1000)
  await addMail(db, { message: 'reset-password', recipient })
  expect(await db.mail.count({ where: { message: 'reset-password' } })).toBe(7)
})

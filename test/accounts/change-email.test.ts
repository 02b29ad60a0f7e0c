import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { User } from '../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'
import { linkParameter, mailboxOf } from '../support/mailbox.ts'

const url = '/api/v1/users/change-email/'

let pod: TestApp
let alice: User
let browser: Browser

beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  alice = await aUser(pod.db, { username: 'alice', email: 'alice@old.example' })
  browser = pod.browser()
  await browser.logIn('alice', password)
})
afterEach(() => {
  vi.useRealTimers()
})

function change(fields: Record<string, unknown>, path = url) {
  const cookies = Object.fromEntries(browser.cookies)
  const headers = { 'x-csrftoken': cookies.csrftoken ?? '' }
  return pod.app.inject({ method: 'POST', url: path, cookies, headers, payload: { password, ...fields } })
}

function verify(key: string) {
  return pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/verify-email/', payload: { key } })
}

async function emailOfAlice(): Promise<string> {
  return (await pod.db.user.findUniqueOrThrow({ where: { id: alice.id } })).email
}

async function mailedKey(): Promise<string> {
  const mails = await mailboxOf(pod).open()
  return linkParameter(
    mails.find(({ text }) => text.includes('email/confirm')),
    'key',
  )
}

describe('another e-mail address', () => {
  test.each([url, '/api/v1/users/users/change-email/', url.slice(0, -1)])('is asked for at %s', async (path) => {
    const response = await change({ email: 'alice@new.example' }, path)
    expect([response.statusCode, response.body]).toEqual([204, ''])
  })

  test('replaces the old one when it is confirmed, and not before; the old one is told both times', async () => {
    await change({ email: 'Alice@New.example' })
    const mails = await mailboxOf(pod).open()
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['Alice@New.example', 'Confirm your new e-mail address for Pod of Tests'],
      ['alice@old.example', 'A new e-mail address for your account on Pod of Tests'],
    ])
    expect(await emailOfAlice()).toBe('alice@old.example')
    expect((await pod.browser().logIn('alice@old.example', password)).url).toBe('/')

    expect((await verify(linkParameter(mails[0], 'key'))).statusCode).toBe(200)
    expect(await emailOfAlice()).toBe('Alice@New.example')
    expect((await mailboxOf(pod).open()).map(({ to }) => to)).toEqual(['alice@old.example'])
    expect((await pod.browser().logIn('alice@new.example', password)).url).toBe('/')
    expect((await pod.browser().logIn('alice@old.example', password)).status).toBe(422)
    const me = await pod.app.inject({ url: '/api/v1/users/me', cookies: Object.fromEntries(browser.cookies) })
    expect(me.json().email).toBe('Alice@New.example')
  })

  test('needs the password', async () => {
    const response = await change({ email: 'alice@new.example', password: 'not the password' })
    expect([response.statusCode, Object.keys(response.json())]).toEqual([400, ['password']])
    expect(Object.keys((await change({ email: 'alice@new.example', password: undefined })).json())).toEqual([
      'password',
    ])
    expect(await mailboxOf(pod).open()).toEqual([])
  })

  test('that somebody else has confirmed is refused', async () => {
    await aUser(pod.db, { email: 'taken@example.org' })
    const response = await change({ email: 'Taken@example.org' })
    expect([response.statusCode, Object.keys(response.json())]).toEqual([400, ['email']])
  })

  test('that is the old one changes nothing', async () => {
    const response = await change({ email: 'ALICE@old.example' })
    expect(response.statusCode).toBe(204)
    expect(await mailboxOf(pod).open()).toEqual([])
  })

  test.each(['', 'alice', 'a@example.org\r\nBcc: b@example.org', null, 7, ['a@example.org']])(
    '%j is none',
    async (email) => {
      const response = await change({ email })
      expect([response.statusCode, Object.keys(response.json())]).toEqual([400, ['email']])
    },
  )

  test('cannot be asked for by a stranger or from another site', async () => {
    const payload = { email: 'alice@new.example', password }
    expect((await pod.app.inject({ method: 'POST', url, payload })).statusCode).toBe(401)
    const cookies = Object.fromEntries(browser.cookies)
    expect((await pod.app.inject({ method: 'POST', url, payload, cookies })).statusCode).toBe(403)
  })
})

describe('the link to the new address', () => {
  test('used several times at once works once', async () => {
    await change({ email: 'alice@new.example' })
    const key = await mailedKey()
    const answers = await Promise.all(Array.from({ length: 6 }, () => verify(key)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 404, 404, 404, 404, 404])
  })

  test('is void when another address is asked for', async () => {
    await change({ email: 'first@new.example' })
    const first = await mailedKey()
    await change({ email: 'second@new.example' })
    const second = await mailedKey()
    expect((await verify(first)).statusCode).toBe(404)
    expect((await verify(second)).statusCode).toBe(200)
    expect(await emailOfAlice()).toBe('second@new.example')
  })

  test('is void when the password changes, even if it was not sent yet', async () => {
    const setPassword = async () => {
      const users = await import('../../src/accounts/users.ts')
      await users.setPassword(pod.db, pod.services.hasher, 'alice', password)
      await browser.logIn('alice', password)
    }
    await change({ email: 'alice@new.example' })
    const key = await mailedKey()
    await setPassword()
    expect((await verify(key)).statusCode).toBe(404)

    await change({ email: 'alice@new.example' })
    await setPassword()
    const mails = await mailboxOf(pod).open()
    expect(mails.map(({ to }) => to)).toEqual(['alice@old.example'])
    expect(await emailOfAlice()).toBe('alice@old.example')
  })

  test('lives for three days', async () => {
    await change({ email: 'alice@new.example' })
    const key = await mailedKey()
    vi.setSystemTime(Date.now() + 72 * 3600 * 1000 + 1000)
    expect((await verify(key)).statusCode).toBe(404)
  })

  test('is worth nothing once somebody else has confirmed the address', async () => {
    await change({ email: 'alice@new.example' })
    const key = await mailedKey()
    await aUser(pod.db, { email: 'alice@new.example' })
    expect((await verify(key)).statusCode).toBe(404)
    expect(await emailOfAlice()).toBe('alice@old.example')
  })

  test('of two who are to have the same address, one gets it', async () => {
    const bob = await aUser(pod.db, { username: 'bob' })
    await change({ email: 'both@example.org' })
    const keyOfAlice = await mailedKey()
    browser = pod.browser()
    await browser.logIn('bob', password)
    await change({ email: 'both@example.org' })
    const keyOfBob = await mailedKey()
    const answers = await Promise.all([verify(keyOfAlice), verify(keyOfBob)])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 404])
    const owners = await pod.db.user.findMany({ where: { emailKey: 'both@example.org' } })
    expect(owners).toHaveLength(1)
    expect([alice.id, bob.id]).toContain(owners[0]?.id)
  })
})

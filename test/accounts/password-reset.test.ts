import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser, password } from '../support/factories.ts'
import { linkParameter, mailboxOf } from '../support/mailbox.ts'
import { useToken } from '../support/oauth-flow.ts'

const fresh = 'an altogether new one'

let pod: TestApp

beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))
afterEach(() => {
  vi.useRealTimers()
})

function ask(email: unknown, headers: Record<string, string> = {}) {
  return pod.app.inject({ method: 'POST', url: '/api/v1/auth/password/reset/', payload: { email }, headers })
}

interface Link {
  uid: string
  token: string
}

async function mailedLink(email: string): Promise<Link> {
  await ask(email)
  const mail = (await mailboxOf(pod).open()).find(({ text }) => text.includes('reset/confirm'))
  return { uid: linkParameter(mail, 'uid'), token: linkParameter(mail, 'token') }
}

function confirm(link: Partial<Link>, [first, second]: [string, string] = [fresh, fresh]) {
  const payload = { ...link, new_password1: first, new_password2: second }
  return pod.app.inject({ method: 'POST', url: '/api/v1/auth/password/reset/confirm/', payload })
}

async function mayLogIn(username: string, given: string): Promise<boolean> {
  return (await pod.browser().logIn(username, given)).url === '/'
}

describe('a forgotten password', () => {
  test('is replaced by a mailed link', async () => {
    await aUser(pod.db, { username: 'alice', email: 'alice@example.org' })
    const response = await ask('ALICE@example.org')
    expect([response.statusCode, response.json()]).toEqual([200, { detail: expect.any(String) }])
    const [mail] = await mailboxOf(pod).open()
    expect(mail).toMatchObject({ to: 'alice@example.org', subject: 'A new password for Pod of Tests' })
    expect(mail?.text).toContain('alice')
    expect(mail?.text).toContain(`${pod.config.publicUrl}/auth/password/reset/confirm?uid=`)

    const link = { uid: linkParameter(mail, 'uid'), token: linkParameter(mail, 'token') }
    const done = await confirm(link)
    expect([done.statusCode, done.json()]).toEqual([200, { detail: expect.any(String) }])
    expect(await mayLogIn('alice', fresh)).toBe(true)
    expect(await mayLogIn('alice', password)).toBe(false)
    expect((await mailboxOf(pod).open()).map(({ subject }) => subject)).toEqual([
      'Your password on Pod of Tests was changed',
    ])
  })

  test('with spelling that only looks the same, mails nobody else', async () => {
    await aUser(pod.db, { username: 'alice', email: 'kate@example.org' })
    // KELVIN SIGN is lower-cased to a k.
    expect((await ask('\u212Aate@example.org')).statusCode).toBe(400)
    expect(await mailboxOf(pod).open()).toEqual([])
  })

  test.each(['', 'alice', 'alice@', 7, null, undefined, ['a@example.org'], { not: '' }])(
    '%j is no address',
    async (email) => {
      const response = await ask(email)
      expect(response.statusCode).toBe(400)
      expect(Object.keys(response.json())).toEqual(['email'])
    },
  )
})

describe('asking tells nothing about accounts (S51)', () => {
  test('known, unknown and inactive answer alike and leave the same behind', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    await aUser(pod.db, { email: 'gone@example.org', isActive: false })
    const answers = []
    for (const email of ['alice@example.org', 'nobody@example.org', 'gone@example.org']) {
      const { statusCode, body, headers } = await ask(email)
      answers.push(JSON.stringify({ statusCode, body, headers: Object.keys(headers) }))
    }
    expect(new Set(answers)).toHaveLength(1)
    const queued = await pod.db.mail.findMany({ select: { userId: true, message: true, data: true } })
    expect(queued).toEqual(Array(3).fill({ userId: null, message: 'reset-password', data: {} }))
    expect((await mailboxOf(pod).open()).map(({ to }) => to)).toEqual(['alice@example.org'])
  })

  test('a link for nobody is as wrong as a wrong link for somebody', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    const { uid, token } = await mailedLink('alice@example.org')
    const wrong = { uid: ['Invalid value'], token: ['Invalid value'] }
    const nobody = Buffer.from('999999').toString('base64url')
    for (const link of [
      { uid: nobody, token },
      { uid: 'nonsense', token },
      { uid, token: `bll_${'a'.repeat(43)}` },
    ]) {
      const response = await confirm(link)
      expect([response.statusCode, response.json()]).toEqual([400, wrong])
    }
  })
})

describe('a reset link', () => {
  test('works once (S58)', async () => {
    await aUser(pod.db, { username: 'alice', email: 'alice@example.org' })
    const link = await mailedLink('alice@example.org')
    expect((await confirm(link)).statusCode).toBe(200)
    expect((await confirm(link, ['yet another one', 'yet another one'])).statusCode).toBe(400)
    expect(await mayLogIn('alice', fresh)).toBe(true)
  })

  test('used several times at once works once (S58)', async () => {
    await aUser(pod.db, { username: 'alice', email: 'alice@example.org' })
    const link = await mailedLink('alice@example.org')
    const wishes = Array.from({ length: 6 }, (_, i) => `an altogether new one ${i}`)
    const answers = await Promise.all(wishes.map((wish) => confirm(link, [wish, wish])))
    const won = answers.findIndex(({ statusCode }) => statusCode === 200)
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400, 400, 400, 400, 400])
    expect(await mayLogIn('alice', wishes[won] ?? '')).toBe(true)
  })

  test('works for an hour (S58)', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    const link = await mailedLink('alice@example.org')
    vi.setSystemTime(Date.now() + 3600 * 1000 + 1000)
    expect((await confirm(link)).statusCode).toBe(400)
  })

  test('is void after any password change, by whatever way (S58)', async () => {
    const ways: Record<string, () => Promise<unknown>> = {
      alice: async () => {
        const other = await mailedLink('alice@example.org')
        return confirm(other)
      },
      bob: async () => {
        const browser = pod.browser()
        await browser.logIn('bob', password)
        const page = await browser.get('/settings/password')
        return browser.submit(page, '/settings/password', {
          old_password: password,
          new_password1: fresh,
          new_password2: fresh,
        })
      },
      carol: async () => {
        const { setPassword } = await import('../../src/accounts/users.ts')
        return setPassword(pod.db, pod.services.hasher, 'carol', fresh)
      },
    }
    for (const [username, change] of Object.entries(ways)) {
      await aUser(pod.db, { username, email: `${username}@example.org` })
      const link = await mailedLink(`${username}@example.org`)
      await change()
      expect(await mayLogIn(username, fresh)).toBe(true)
      expect((await confirm(link, ['one of the thief', 'one of the thief'])).statusCode, username).toBe(400)
    }
  })

  test('is void once the address has changed or the user is not active', async () => {
    const alice = await aUser(pod.db, { email: 'alice@example.org' })
    const link = await mailedLink('alice@example.org')
    await pod.db.user.update({ where: { id: alice.id }, data: { email: 'a@new.example', emailKey: 'a@new.example' } })
    expect((await confirm(link)).statusCode).toBe(400)
    const again = await mailedLink('a@new.example')
    await pod.db.user.update({ where: { id: alice.id }, data: { isActive: false } })
    expect((await confirm(again)).statusCode).toBe(400)
  })

  test('is kept by a wrong new password', async () => {
    await aUser(pod.db, { username: 'alice', email: 'alice@example.org' })
    const link = await mailedLink('alice@example.org')
    expect((await confirm(link, [fresh, `${fresh}!`])).json()).toEqual({ new_password2: [expect.any(String)] })
    for (const [wish, phrase] of [
      ['short', 'at least 8 characters'],
      ['password123', 'too common'],
      ['271828182845', 'entirely numeric'],
      ['alice@example', 'too similar'],
    ]) {
      const { new_password2: faults } = (await confirm(link, [wish ?? '', wish ?? ''])).json()
      expect(faults.join()).toContain(phrase)
    }
    expect((await confirm(link)).statusCode).toBe(200)
  })

  test('confirms no address as a key (S42)', async () => {
    await aUser(pod.db, { email: 'alice@example.org', emailVerifiedAt: null })
    const { uid, token } = await mailedLink('alice@example.org')
    const response = await pod.app.inject({
      method: 'POST',
      url: '/api/v1/auth/registration/verify-email/',
      payload: { key: `${uid}:${token}` },
    })
    expect(response.statusCode).toBe(404)
  })

  test('shows by its use that the address is right', async () => {
    const { id } = await aUser(pod.db, { email: 'alice@example.org', emailVerifiedAt: null })
    await confirm(await mailedLink('alice@example.org'))
    const user = await pod.db.user.findUniqueOrThrow({ where: { id } })
    expect(user.emailVerifiedAt).not.toBeNull()
  })

  test('goes to one mailbox five times an hour at most (S58)', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    for (let i = 0; i < 9; i++) expect((await ask('alice@example.org')).statusCode).toBe(200)
    expect(await mailboxOf(pod).open()).toHaveLength(5)
  })

  test('leads to the public URL, whatever Host says (S59)', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    await ask('alice@example.org', { host: 'evil.example', 'x-forwarded-host': 'evil.example' })
    const [mail] = await mailboxOf(pod).open()
    expect(`${mail?.text}${mail?.html}`).not.toContain('evil.example')
  })

  test('goes to the owner of an address, not to others who say it is theirs', async () => {
    await pod.services.settings.change({ users__registration_enabled: true })
    await aUser(pod.db, { username: 'owner_1', email: 'shared@example.org' })
    const account = { username: 'other_1', email: 'shared@example.org', password1: password, password2: password }
    await pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/', payload: account })
    await pod.db.mail.deleteMany()
    await ask('shared@example.org')
    const mails = await mailboxOf(pod).open()
    expect(mails.map(({ text }) => text.split('\n')[0])).toEqual(['Hello owner_1,'])
  })
})

test('a reset ends all sessions and what clients were granted, of this user only (S56)', async () => {
  const alice = await aUser(pod.db, { username: 'alice', email: 'alice@example.org' })
  const bob = await aUser(pod.db, { username: 'bob' })
  const { client } = await aClient(pod.db)
  const now = new Date()
  for (const { id: userId } of [alice, bob]) {
    await pod.db.grant.create({
      data: { userId, clientId: client.id, scopes: ['read'], createdAt: now, updatedAt: now },
    })
  }
  const browsers = [pod.browser(), pod.browser()]
  for (const browser of browsers) await browser.logIn('alice', password)
  const other = pod.browser()
  await other.logIn('bob', password)

  await confirm(await mailedLink('alice@example.org'))

  for (const browser of browsers) expect((await browser.get('/settings/password')).url).toContain('/login')
  expect((await other.get('/settings/password')).url).toBe('/settings/password')
  expect(await pod.db.grant.findMany({ select: { userId: true } })).toEqual([{ userId: bob.id }])
})

test('a reset ends the tokens of own applications, which a thief may have made, of this user only (S56)', async () => {
  const alice = await aUser(pod.db, { email: 'alice@example.org' })
  const owners = [alice, await aUser(pod.db)]
  const apps = await Promise.all(owners.map(({ id: ownerId }) => aClient(pod.db, { ownerId })))
  const statuses = () =>
    Promise.all(apps.map(async ({ applicationToken = '' }) => (await useToken(pod, applicationToken)).statusCode))
  expect(await statuses()).toEqual([200, 200])
  await confirm(await mailedLink('alice@example.org'))
  expect(await statuses()).toEqual([401, 200])
})

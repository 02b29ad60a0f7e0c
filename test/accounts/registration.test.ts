import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'
import { mailboxOf } from '../support/mailbox.ts'

const url = '/api/v1/auth/registration/'
const form = { username: 'alice', email: 'alice@example.org', password1: password, password2: password }

let pod: TestApp
let enforcing: TestApp

async function openPod(changes: Partial<Config> = {}): Promise<TestApp> {
  return testApp({ accountUsernameBlacklist: ['mallory'], ...changes })
}

beforeAll(async () => {
  pod = await openPod()
  enforcing = await openPod({ accountEmailVerificationEnforce: true })
})
afterAll(async () => {
  await pod.close()
  await enforcing.close()
})
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await pod.services.settings.change({ users__registration_enabled: true })
  await enforcing.services.settings.change({ users__registration_enabled: true })
})

function register(fields: Record<string, unknown> = {}, at = pod, headers: Record<string, string> = {}) {
  return at.app.inject({ method: 'POST', url, payload: { ...form, ...fields }, headers })
}

describe('somebody signs up', () => {
  test('and is logged in, where addresses need not be confirmed', async () => {
    const response = await register()
    expect(response.statusCode).toBe(201)
    expect(response.json()).toEqual({ detail: expect.any(String) })
    const session = response.cookies.find(({ name }) => name === 'sessionid')
    const me = await pod.app.inject({ url: '/api/v1/users/me/', cookies: { sessionid: session?.value ?? '' } })
    expect(me.json()).toMatchObject({ username: 'alice', email: 'alice@example.org', is_superuser: false })
  })

  test('and gets a mail that names the pod and its host', async () => {
    await register()
    const [mail, ...more] = await mailboxOf(pod).open()
    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: 'alice@example.org', from: { address: 'noreply@localhost' } })
    expect(mail?.text).toContain('Pod of Tests')
    expect(mail?.text).toContain(new URL(pod.config.publicUrl).host)
    expect(mail?.html).toContain('/auth/email/confirm?key=')
  })

  test('and is asked for support fifteen days later', async () => {
    await register()
    const user = await pod.db.user.findUniqueOrThrow({ where: { usernameKey: 'alice' } })
    const days = (user.instanceSupportMessageDisplayAt?.getTime() ?? 0) - user.createdAt.getTime()
    expect(days).toBe(15 * 24 * 60 * 60 * 1000)
  })

  test('and is not logged in where addresses have to be confirmed', async () => {
    const response = await register({}, enforcing)
    expect(response.statusCode).toBe(201)
    expect(response.json()).toEqual({ detail: 'Verification e-mail sent.' })
    expect(response.cookies).toEqual([])
  })

  test.each([
    ['application/x-www-form-urlencoded', new URLSearchParams(form).toString()],
    [
      'multipart/form-data; boundary=b',
      `${Object.entries(form)
        .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
        .join('')}--b--\r\n`,
    ],
  ])('by %s', async (contentType, payload) => {
    const response = await pod.app.inject({ method: 'POST', url, payload, headers: { 'content-type': contentType } })
    expect(response.statusCode).toBe(201)
  })

  test('without a slash at the end', async () => {
    const response = await pod.app.inject({ method: 'POST', url: url.slice(0, -1), payload: form })
    expect(response.statusCode).toBe(201)
  })

  test('and only listed fields count (S65)', async () => {
    await register({ is_superuser: true, isSuperuser: true, emailVerifiedAt: '2020-01-01', id: 7, request_fields: {} })
    const user = await pod.db.user.findUniqueOrThrow({ where: { usernameKey: 'alice' } })
    expect(user).toMatchObject({ isSuperuser: false, isStaff: false, emailVerifiedAt: null })
  })

  test('but a page of another site does not log this browser in (S50)', async () => {
    const response = await register({}, pod, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })
    expect(response.statusCode).toBe(201)
    expect(response.cookies.filter(({ name }) => name === 'sessionid')).toEqual([])
  })
})

describe('closed registration', () => {
  beforeEach(() => pod.services.settings.change({ users__registration_enabled: false }))

  test('is told before anything else', async () => {
    expect((await register()).statusCode).toBe(403)
    expect((await register({ username: '', email: 'nonsense' })).statusCode).toBe(403)
    expect((await register({ invitation: '  ' })).json()).toEqual({ detail: expect.any(String) })
  })

  test('so is one that needs an approval nobody here can give', async () => {
    await pod.services.settings.change({
      users__registration_enabled: true,
      moderation__signup_approval_enabled: true,
    })
    expect((await register()).statusCode).toBe(403)
  })
})

describe('what is wrong is told by field', () => {
  test.each(['al.ice', 'al-ice', 'älice', 'al ice', 'alice\u0000', '', 'a'.repeat(151)])(
    'the username %j',
    async (username) => {
      const response = await register({ username })
      expect(response.statusCode).toBe(400)
      expect(Object.keys(response.json())).toEqual(['username'])
    },
  )

  test.each(['admin', 'Admin', 'ROOT', 'me', 'shared_inbox', '_', 'Mallory'])(
    'the reserved username %s',
    async (username) => {
      expect((await register({ username })).json()).toEqual({ username: [expect.any(String)] })
    },
  )

  test('a username that somebody has or had, in any letter case', async () => {
    await aUser(pod.db, { username: 'Alice' })
    await pod.db.retiredUsername.create({ data: { usernameKey: 'bob', retiredAt: new Date() } })
    expect((await register()).json()).toEqual({ username: [expect.any(String)] })
    expect((await register({ username: 'BOB' })).json()).toEqual({ username: [expect.any(String)] })
  })

  test.each(['alice', 'alice@', 'alice@example', 'a@example.org\r\nBcc: b@example.org', ''])(
    'the address %j',
    async (email) => {
      const response = await register({ email })
      expect(response.statusCode).toBe(400)
      expect(Object.keys(response.json())).toEqual(['email'])
    },
  )

  test.each([
    ['short1!', 'must contain at least 8 characters'],
    ['Password123', 'password is too common'],
    ['3141592653589', 'password is entirely numeric'],
  ])('the password %s', async (given, phrase) => {
    const { password1 } = (await register({ password1: given, password2: given })).json()
    expect(password1.join()).toContain(phrase)
  })

  test.each(['alice', 'alice_1', 'Alice@example.org'])('the password %s, which is like its owner', async (given) => {
    const answer = (await register({ username: 'alice_1', password1: given, password2: given })).json()
    expect(answer.non_field_errors.join()).toContain('password is too similar')
  })

  test('two passwords that differ', async () => {
    const answer = (await register({ password2: `${password}!` })).json()
    expect(answer).toEqual({ non_field_errors: [expect.any(String)] })
  })

  test('all at once', async () => {
    const answer = (await register({ username: 'me', password1: '1234567', password2: '12345678' })).json()
    expect(Object.keys(answer).sort()).toEqual(['non_field_errors', 'password1', 'username'])
    expect(answer.password1).toHaveLength(3)
  })

  test('missing fields, and fields of a wrong kind (S62)', async () => {
    const empty = await pod.app.inject({ method: 'POST', url, payload: {} })
    expect(empty.json()).toEqual({
      username: ['This field is required.'],
      email: ['This field is required.'],
      password1: ['This field is required.'],
      password2: ['This field is required.'],
    })
    for (const value of [['alice'], { not: '' }, 7, true]) {
      expect((await register({ username: value })).statusCode).toBe(400)
      expect((await register({ invitation: value })).statusCode).toBe(400)
    }
  })
})

describe('passwords', () => {
  test.each(['x'.repeat(64), ' leading and trailing ', 'pässwörd with ünïcode 🐋'])(
    '%j is taken exactly as it is (S54)',
    async (given) => {
      expect((await register({ password1: given, password2: given })).statusCode).toBe(201)
      expect((await pod.browser().logIn('alice', given)).url).toBe('/')
      expect((await pod.browser().logIn('alice', `${given} `)).status).toBe(422)
      expect((await pod.browser().logIn('alice', given.slice(0, -2))).status).toBe(422)
    },
  )

  test('beyond 1024 bytes are refused before they are hashed (S55)', async () => {
    const given = 'é'.repeat(513)
    const { password1 } = (await register({ password1: given, password2: given })).json()
    expect(password1).toEqual([expect.stringContaining('too long')])
  })

  test('may have to be longer, or may be anything, as the admin likes', async () => {
    const strict = await openPod({ passwordMinLength: 12 })
    const lax = await openPod({ disablePasswordValidators: true })
    await strict.services.settings.change({ users__registration_enabled: true })
    await lax.services.settings.change({ users__registration_enabled: true })
    const given = { password1: 'kQ7!dw2PzL', password2: 'kQ7!dw2PzL' }
    expect((await register(given, strict)).json().password1.join()).toContain('at least 12 characters')
    expect((await register({ password1: '123', password2: '123' }, lax)).statusCode).toBe(201)
    await strict.close()
    await lax.close()
  })
})

describe('an address that somebody else has confirmed', () => {
  const observe = async (at: TestApp, email: string, username: string) => {
    const response = await register({ email, username }, at)
    const { date: _, ...headers } = response.headers
    return { status: response.statusCode, body: response.body, headers: Object.keys(headers) }
  }

  test.each(['optional', 'enforced'])('is not told from a new one, with %s confirmation (S51)', async (kind) => {
    const at = kind === 'optional' ? pod : enforcing
    await aUser(pod.db, { email: 'owner@example.org', username: 'owner_1' })
    const known = await observe(at, 'Owner@example.org', 'mallory_1')
    const unknown = await observe(at, 'nobody@example.org', 'mallory_2')
    expect(known).toEqual(unknown)
  })

  test('cannot be confirmed again: its owner gets another mail, without a link that could', async () => {
    await aUser(pod.db, { email: 'owner@example.org', username: 'owner_1' })
    await register({ email: 'owner@example.org' })
    const mails = await mailboxOf(pod).open()
    expect(mails).toHaveLength(1)
    expect(mails[0]?.text).toContain('Hello owner_1')
    expect(mails[0]?.text).toContain('as alice')
    expect(mails[0]?.text).not.toContain('/auth/email/confirm')
    expect(await pod.db.oneTimeToken.count()).toBe(0)
  })

  test('is no name to log in with for who has not confirmed it', async () => {
    await register({ email: 'owner@example.org' })
    expect((await pod.browser().logIn('owner@example.org', password)).status).toBe(422)
  })
})

test('of two who ask for one name at the same time, one gets it', async () => {
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map((one) => register({ email: `${one}@example.org` })))
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 400, 400, 400])
  expect(await pod.db.user.count()).toBe(1)
  expect(await pod.db.mail.count()).toBe(1)
})

test('one mailbox gets five confirmation mails an hour, however many sign up with it', async () => {
  for (let i = 0; i < 7; i++) expect((await register({ username: `alice${i}` })).statusCode).toBe(201)
  expect(await mailboxOf(pod).open()).toHaveLength(5)
})

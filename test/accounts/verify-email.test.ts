import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser, password } from '../support/factories.ts'
import { linkIn, linkParameter, mailboxOf } from '../support/mailbox.ts'

let pod: TestApp

beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await pod.services.settings.change({ users__registration_enabled: true })
})
afterEach(() => {
  vi.useRealTimers()
})

function verify(key: unknown) {
  return pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/verify-email/', payload: { key } })
}

function resend(email: string) {
  return pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/resend-email/', payload: { email } })
}

async function newcomer(fields: { username?: string; email?: string } = {}): Promise<string> {
  const account = { username: 'alice', email: 'alice@example.org', password1: password, password2: password, ...fields }
  await pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/', payload: account })
  const [mail] = await mailboxOf(pod).open()
  return linkParameter(mail, 'key')
}

async function isConfirmed(username = 'alice'): Promise<boolean> {
  const user = await pod.db.user.findUniqueOrThrow({ where: { usernameKey: username } })
  return user.emailVerifiedAt !== null
}

describe('the key of a mailed link', () => {
  test('confirms the address, once', async () => {
    const key = await newcomer()
    expect(key).toContain(':')
    expect(await isConfirmed()).toBe(false)
    const response = await verify(key)
    expect([response.statusCode, response.json()]).toEqual([200, { detail: 'ok' }])
    expect(await isConfirmed()).toBe(true)
    const again = await verify(key)
    expect([again.statusCode, again.json()]).toEqual([404, { detail: 'Not found.' }])
  })

  test('used several times at once works once', async () => {
    const key = await newcomer()
    const answers = await Promise.all(Array.from({ length: 8 }, () => verify(key)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(7).fill(404)])
  })

  test('is not in the database, and nothing there signs anybody in (S33)', async () => {
    const key = await newcomer()
    const [, secret = ''] = key.split(':')
    const rows = await pod.db.$queryRaw<{ row: string }[]>`
      SELECT t::text AS row FROM one_time_tokens t UNION ALL SELECT m::text FROM mails m`
    expect(secret).toMatch(/^bll_/)
    expect(rows.filter(({ row }) => row.includes(secret.slice(4)))).toEqual([])
  })

  test('lives for three days', async () => {
    const key = await newcomer()
    vi.setSystemTime(Date.now() + 72 * 3600 * 1000 + 1000)
    expect((await verify(key)).statusCode).toBe(404)
  })

  test('is for its own user only', async () => {
    const key = await newcomer()
    await aUser(pod.db, { username: 'bob', emailVerifiedAt: null })
    const bob = await pod.db.user.findUniqueOrThrow({ where: { usernameKey: 'bob' } })
    const uid = Buffer.from(String(bob.id)).toString('base64url')
    expect((await verify(`${uid}:${key.split(':')[1]}`)).statusCode).toBe(404)
    expect(await isConfirmed('bob')).toBe(false)
  })

  test('resets no password (S42)', async () => {
    const [uid, token] = (await newcomer()).split(':')
    const response = await pod.app.inject({
      method: 'POST',
      url: '/api/v1/auth/password/reset/confirm/',
      payload: { uid, token, new_password1: 'another good one', new_password2: 'another good one' },
    })
    expect(response.statusCode).toBe(400)
  })

  test('ends when the password changes', async () => {
    const key = await newcomer()
    const browser = pod.browser()
    await browser.logIn('alice', password)
    await browser.submit(await browser.get('/settings/password'), '/settings/password', {
      old_password: password,
      new_password1: 'another good one',
      new_password2: 'another good one',
    })
    expect((await verify(key)).statusCode).toBe(404)
  })

  test('is worth nothing once somebody else has confirmed the address', async () => {
    const key = await newcomer()
    await aUser(pod.db, { username: 'bob', email: 'alice@example.org' })
    expect((await verify(key)).statusCode).toBe(404)
    expect(await isConfirmed()).toBe(false)
  })

  test.each(['', 'nonsense', ':', 'MQ:', 'MQ:bll_', `MQ:bll_${'a'.repeat(43)}`, '____:x', 'x'.repeat(400)])(
    '%j is none',
    async (key) => {
      await newcomer()
      expect([400, 404]).toContain((await verify(key)).statusCode)
    },
  )

  test.each([undefined, null, 7, ['a'], { not: '' }])('%j is refused as a field (S62)', async (key) => {
    const response = await verify(key)
    expect(response.statusCode).toBe(400)
    expect(Object.keys(response.json())).toEqual(['key'])
  })

  test('is not taken by GET', async () => {
    const key = await newcomer()
    const response = await pod.app.inject({ url: `/api/v1/auth/registration/verify-email/?key=${key}` })
    expect(response.statusCode).toBe(405)
    expect(await isConfirmed()).toBe(false)
  })
})

describe('another confirmation mail', () => {
  test('has a key that works, and so does the first', async () => {
    const first = await newcomer()
    expect((await resend('Alice@example.org')).json()).toEqual({ detail: 'ok' })
    const [mail, ...more] = await mailboxOf(pod).open()
    expect([mail?.to, more]).toEqual(['alice@example.org', []])
    expect(linkParameter(mail, 'key')).not.toBe(first)
    expect((await verify(first)).statusCode).toBe(200)
  })

  test('is answered alike whether or not there is something to confirm (S51)', async () => {
    await newcomer()
    await aUser(pod.db, { email: 'confirmed@example.org' })
    const answers = await Promise.all(
      ['alice@example.org', 'confirmed@example.org', 'nobody@example.org'].map(async (email) => {
        const { statusCode, body } = await resend(email)
        return { statusCode, body }
      }),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveLength(1)
    expect((await mailboxOf(pod).open()).map(({ to }) => to)).toEqual(['alice@example.org'])
  })

  test('goes to one mailbox five times an hour at most', async () => {
    await newcomer()
    for (let i = 0; i < 10; i++) expect((await resend('alice@example.org')).statusCode).toBe(200)
    expect(await mailboxOf(pod).open()).toHaveLength(4)
    vi.setSystemTime(Date.now() + 3600 * 1000 + 1000)
    await resend('alice@example.org')
    expect(await mailboxOf(pod).open()).toHaveLength(1)
  })

  test('needs an address', async () => {
    expect((await resend('alice')).json()).toEqual({ email: ['Enter a valid email address.'] })
  })
})

describe('where addresses have to be confirmed', () => {
  let enforcing: TestApp
  beforeAll(async () => {
    enforcing = await testApp({ accountEmailVerificationEnforce: true })
  })
  afterAll(() => enforcing.close())

  function logIn(username: string, given = password) {
    return enforcing.browser().logIn(username, given)
  }

  test('nobody logs in before, and everybody is mailed another link', async () => {
    await newcomer()
    const page = await logIn('alice')
    expect(page.status).toBe(403)
    expect(page.text).toContain('confirm')
    const [mail] = await mailboxOf(pod).open()
    expect((await verify(linkParameter(mail, 'key'))).statusCode).toBe(200)
    expect((await logIn('alice')).url).toBe('/')
  })

  test('a wrong password is told from nothing else (S51)', async () => {
    await newcomer()
    const page = await logIn('alice', 'not the password')
    expect(page.text).not.toContain('confirm')
    expect(await mailboxOf(pod).open()).toEqual([])
  })

  test('sessions and tokens from before are worth nothing until then', async () => {
    await newcomer()
    const browser = pod.browser()
    await browser.logIn('alice', password)
    const cookies = Object.fromEntries(browser.cookies)
    const alice = await pod.db.user.findUniqueOrThrow({ where: { usernameKey: 'alice' } })
    const { applicationToken } = await aClient(pod.db, { ownerId: alice.id })
    const byToken = { authorization: `Bearer ${applicationToken}` }
    const me = (at: TestApp, more: object) => at.app.inject({ url: '/api/v1/users/me', ...more })
    expect((await me(pod, { cookies })).statusCode).toBe(200)
    expect((await me(pod, { headers: byToken })).statusCode).toBe(200)

    expect((await me(enforcing, { cookies })).statusCode).toBe(401)
    const refused = await me(enforcing, { headers: byToken })
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="api",error="unverified_email"',
    ])

    await pod.db.user.update({ where: { id: alice.id }, data: { emailVerifiedAt: new Date() } })
    expect((await me(enforcing, { cookies })).statusCode).toBe(200)
    expect((await me(enforcing, { headers: byToken })).statusCode).toBe(200)
  })

  test('superusers may log in', async () => {
    await aUser(pod.db, { username: 'root_1', emailVerifiedAt: null, isSuperuser: true })
    expect((await logIn('root_1')).url).toBe('/')
  })
})

test('the link leads to the public URL, whatever Host says (S59)', async () => {
  const account = { username: 'alice', email: 'alice@example.org', password1: password, password2: password }
  await pod.app.inject({
    method: 'POST',
    url: '/api/v1/auth/registration/',
    payload: account,
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  })
  const [mail] = await mailboxOf(pod).open()
  expect(linkIn(mail)).toMatch(/^\/auth\/email\/confirm\?key=/)
  expect(`${mail?.text}${mail?.html}`).not.toContain('evil.example')
  expect(mail?.text).toContain(`${pod.config.publicUrl}/auth/email/confirm`)
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createInvitation } from '../../src/accounts/invitations/invitations.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'
import { linkIn, mailboxOf } from '../support/mailbox.ts'

const newcomer = { username: 'alice', email: 'alice@example.org', password }

let pod: TestApp
let enforcing: TestApp

beforeAll(async () => {
  pod = await testApp()
  enforcing = await testApp({ accountEmailVerificationEnforce: true })
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

describe('/signup', () => {
  test('creates an account, signs in and goes on to where one was going', async () => {
    const browser = pod.browser()
    expect((await browser.get('/')).html.querySelector('a[href="/signup"]')).not.toBeNull()
    const login = await browser.get('/login?next=/settings/password')
    const link = login.html.querySelector('a[href^="/signup"]')?.getAttribute('href') ?? ''
    expect(link).toBe('/signup?next=%2Fsettings%2Fpassword')
    const page = await browser.submit(await browser.get(link), '/signup', newcomer)
    expect([page.status, page.url]).toEqual([200, '/settings/password'])
    expect((await mailboxOf(pod).open()).map(({ to }) => to)).toEqual(['alice@example.org'])
  })

  test('leads to the mailbox where addresses have to be confirmed', async () => {
    const browser = enforcing.browser()
    const page = await browser.submit(await browser.get('/signup'), '/signup', newcomer)
    expect(page.url).toBe('/auth/email/confirm')
    expect(page.text).toContain('alice@example.org')
    expect((await browser.get('/settings/password')).url).toContain('/login')

    const [mail] = await mailboxOf(enforcing).open()
    const done = await browser.submit(await browser.get(linkIn(mail)), '/auth/email/confirm')
    expect(done.url).toBe('/auth/email/confirmed')
    expect((await browser.logIn('alice', password)).url).toBe('/')
  })

  test('says that registration is closed, and takes an invitation', async () => {
    await pod.services.settings.change({ users__registration_enabled: false })
    await createInvitation(pod.db, pod.config, { code: 'Welcome' })
    const browser = pod.browser()
    expect((await browser.get('/login')).html.querySelector('a[href^="/signup"]')).toBeNull()
    const closed = await browser.get('/signup')
    expect([closed.status, closed.text]).toEqual([200, expect.stringContaining('closed')])
    const refused = await browser.submit(closed, '/signup', newcomer)
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('invitation')])

    const invited = await browser.get('/signup?invitation=welcome')
    expect(invited.html.querySelector('input[name=invitation]')?.getAttribute('value')).toBe('welcome')
    expect((await browser.submit(invited, '/signup', newcomer)).url).toBe('/')
    const other = pod.browser()
    const again = await other.submit(await other.get('/signup?invitation=welcome'), '/signup', {
      ...newcomer,
      username: 'bob',
    })
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('does not work')])
  })

  test('shows the form again with what is wrong beside each field, and without the password', async () => {
    await aUser(pod.db, { username: 'alice' })
    const browser = pod.browser()
    const wrong = { username: 'al ice', email: 'alice', password: '123' }
    const page = await browser.submit(await browser.get('/signup'), '/signup', wrong)
    expect(page.status).toBe(422)
    for (const field of ['username', 'email', 'password']) {
      const input = page.html.querySelector(`input[name=${field}]`)
      expect(input?.getAttribute('aria-invalid')).toBe('true')
      expect(input?.getAttribute('value')).toBe(field === 'password' ? undefined : wrong[field as 'username'])
    }
    expect(page.text).toContain('at least 8 characters')
    const taken = await browser.submit(page, '/signup', newcomer)
    expect([taken.status, taken.text]).toEqual([422, expect.stringContaining('taken')])
  })

  test('needs a token of this browser (S50)', async () => {
    const page = await pod.browser().post('/signup', newcomer)
    expect(page.status).toBe(403)
    expect(await pod.db.user.count()).toBe(0)
  })

  test('goes nowhere but to this pod (S53)', async () => {
    const browser = pod.browser()
    const page = await browser.get('/signup?next=https://evil.example/')
    expect((await browser.submit(page, '/signup', newcomer)).url).toBe('/')
  })
})

describe('/auth/email/confirm', () => {
  async function mailedPath(): Promise<string> {
    const browser = pod.browser()
    await browser.submit(await browser.get('/signup'), '/signup', newcomer)
    const [mail] = await mailboxOf(pod).open()
    return linkIn(mail)
  }
  const isConfirmed = async () => (await pod.db.user.findFirstOrThrow()).emailVerifiedAt !== null

  test('confirms nothing by being looked at, however often', async () => {
    const path = await mailedPath()
    for (let i = 0; i < 3; i++) expect((await pod.browser().get(path)).status).toBe(200)
    expect((await pod.app.inject({ method: 'HEAD', url: path })).statusCode).toBe(200)
    expect(await isConfirmed()).toBe(false)
  })

  test('confirms by its button, and says when a link is used up', async () => {
    const path = await mailedPath()
    const browser = pod.browser()
    const page = await browser.get(path)
    expect(page.text).toContain('alice@example.org')
    expect((await browser.submit(page, '/auth/email/confirm')).url).toBe('/auth/email/confirmed')
    expect(await isConfirmed()).toBe(true)
    const again = await browser.submit(page, '/auth/email/confirm')
    expect([again.status, again.text]).toEqual([404, expect.stringContaining('does not work any more')])
    expect((await browser.get(path)).status).toBe(404)
  })

  test('needs a token of this browser (S60)', async () => {
    const path = await mailedPath()
    const key = new URL(path, 'http://pod').searchParams.get('key') ?? ''
    expect((await pod.browser().post('/auth/email/confirm', { key })).status).toBe(403)
    expect(await isConfirmed()).toBe(false)
  })

  test('has another link mailed, and says the same to everybody (S51)', async () => {
    await mailedPath()
    const answers = []
    for (const email of ['alice@example.org', 'nobodyy@example.org']) {
      const browser = pod.browser()
      const page = await browser.submit(await browser.get('/auth/email/confirm'), '/auth/email/resend', { email })
      answers.push([page.status, page.url, page.text.replaceAll(email, 'X')])
    }
    expect(answers[0]).toEqual(answers[1])
    expect((await mailboxOf(pod).open()).map(({ to }) => to)).toEqual(['alice@example.org'])
    const wrong = await pod.browser().get('/auth/email/confirm')
    expect((await pod.browser().submit(wrong, '/auth/email/resend', { email: 'x' })).status).toBe(403)
  })
})

describe('/auth/password/reset', () => {
  const fresh = 'an altogether new one'

  test('mails a link, by which a new password is set', async () => {
    await aUser(pod.db, { username: 'alice', email: 'alice@example.org' })
    const browser = pod.browser()
    const login = await browser.get('/login')
    expect(login.html.querySelector('a[href="/auth/password/reset"]')).not.toBeNull()
    const page = await browser.get('/auth/password/reset?email=alice@example.org')
    expect(page.html.querySelector('input[name=email]')?.getAttribute('value')).toBe('alice@example.org')
    const mailed = await browser.submit(page, '/auth/password/reset')
    expect(mailed.url).toBe('/auth/password/reset/confirm')

    const path = linkIn((await mailboxOf(pod).open())[0])
    const form = await browser.get(path)
    expect(form.text).toContain('alice')
    const weak = await browser.submit(form, '/auth/password/reset/confirm', { password: 'password123' })
    expect([weak.status, weak.text]).toEqual([422, expect.stringContaining('too common')])
    const done = await browser.submit(weak, '/auth/password/reset/confirm', { password: fresh })
    expect([done.url, done.text]).toEqual(['/login', expect.stringContaining('new password is set')])
    expect((await browser.get('/login')).text).not.toContain('new password is set')
    expect((await browser.logIn('alice', fresh)).url).toBe('/')
    expect((await pod.browser().get(path)).status).toBe(404)
  })

  test('is not used up by being looked at', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    const browser = pod.browser()
    await browser.submit(await browser.get('/auth/password/reset'), '/auth/password/reset', {
      email: 'alice@example.org',
    })
    const path = linkIn((await mailboxOf(pod).open())[0])
    for (let i = 0; i < 3; i++) expect((await pod.browser().get(path)).status).toBe(200)
  })

  test('says the same whether or not somebody has the address (S51)', async () => {
    await aUser(pod.db, { email: 'alice@example.org' })
    const answers = []
    for (const email of ['alice@example.org', 'nobody@example.org']) {
      const browser = pod.browser()
      const page = await browser.submit(await browser.get('/auth/password/reset'), '/auth/password/reset', { email })
      answers.push([page.status, page.url, page.text.replaceAll(email, 'X')])
    }
    expect(answers[0]).toEqual(answers[1])
  })

  test('shows the form again for what is no address', async () => {
    const browser = pod.browser()
    const page = await browser.submit(await browser.get('/auth/password/reset'), '/auth/password/reset', {
      email: 'alice',
    })
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('e-mail address like')])
  })

  test.each(['?uid=MQ&token=nonsense', '?uid=&token=x', '?uid=a&uid=b&token=c&token=d', `?token=${'x'.repeat(1500)}`])(
    'a link that ends in %s is dead',
    async (query) => {
      const page = await pod.browser().get(`/auth/password/reset/confirm${query}`)
      expect([page.status, page.text]).toEqual([404, expect.stringContaining('does not work any more')])
    },
  )
})

test('every page of the way in forbids framing, storing and leaking its address (S15, S69)', async () => {
  for (const path of ['/signup', '/auth/password/reset', '/auth/password/reset/confirm', '/auth/email/confirm']) {
    const { headers } = await pod.app.inject({ url: path, headers: { accept: 'text/html' } })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['cache-control']).toContain('no-store')
    expect(headers['referrer-policy']).toMatch(/^(no-referrer|same-origin)$/)
  }
})

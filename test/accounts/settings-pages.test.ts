import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { password } from '../support/factories.ts'
import { signedIn } from '../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

describe('/settings', () => {
  const fields = { name: 'Alice', summary: 'Hello & welcome', privacy_level: 'everyone' }

  test('saves name, text and privacy, and shows them again', async () => {
    const { user, browser } = await signedIn(pod)
    const saved = await browser.submit(await browser.get('/settings'), '/settings', fields)
    expect(saved.text).toContain('Saved.')
    expect(saved.html.querySelector('[name=name]')?.getAttribute('value')).toBe('Alice')
    expect(saved.html.querySelector('textarea')?.textContent).toBe('Hello & welcome')
    expect(saved.html.querySelector('option[selected]')?.getAttribute('value')).toBe('everyone')
    const row = await pod.db.user.findUniqueOrThrow({ where: { id: user.id } })
    expect(row).toMatchObject({ name: 'Alice', summaryText: 'Hello & welcome', privacyLevel: 'everyone' })
  })

  test('takes a picture, and the page shows it as a square', async () => {
    const { browser } = await signedIn(pod)
    const picture = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'teal' } })
      .png()
      .toBuffer()
    const answer = await upload(browser, picture)
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/settings'])
    const shown = (await browser.get('/settings')).html.querySelector('img')?.getAttribute('src') ?? ''
    const file = await pod.app.inject({ url: new URL(shown).pathname })
    const { width, height } = await sharp(file.rawPayload).metadata()
    expect([width, height]).toEqual([200, 200])
  })

  test('refuses what is no picture, and keeps what was typed', async () => {
    const { browser } = await signedIn(pod)
    const answer = await upload(browser, Buffer.from('no picture at all'))
    expect(answer.statusCode).toBe(422)
    expect(answer.body).toContain('role="alert"')
    expect(answer.body).toContain('value="Alice"')
  })

  test('refuses a text that is too long, and keeps it', async () => {
    const { browser } = await signedIn(pod)
    const long = 'x'.repeat(5001)
    const page = await browser.submit(await browser.get('/settings'), '/settings', { ...fields, summary: long })
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('at most 5000 characters')])
    expect(page.html.querySelector('textarea')?.textContent).toBe(long)
  })

  async function upload(browser: Browser, picture: Buffer) {
    await browser.get('/settings')
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    form.set('csrfmiddlewaretoken', browser.cookies.get('csrftoken') ?? '')
    form.set('avatar', new Blob([new Uint8Array(picture)], { type: 'image/png' }), 'picture.png')
    const request = new Request('http://pod/settings', { method: 'POST', body: form })
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, 'content-type': request.headers.get('content-type') ?? '' }
    return pod.app.inject({
      method: 'POST',
      url: '/settings',
      headers,
      payload: Buffer.from(await request.arrayBuffer()),
    })
  }
})

describe('/settings/email', () => {
  const submit = async (browser: Browser, email: string) =>
    browser.submit(await browser.get('/settings/email'), '/settings/email', { email })

  test('mails a link to the new address, and the old one stays until it is opened', async () => {
    const { user, browser } = await signedIn(pod)
    const page = await submit(browser, 'new@example.org')
    expect(page.text).toContain('A link is on its way to new@example.org.')
    expect(page.text).toContain(user.email)
    const mails = await pod.db.mail.findMany({ orderBy: { id: 'asc' } })
    expect(mails.map(({ message, recipient }) => [message, recipient])).toEqual([
      ['change-email', 'new@example.org'],
      ['email-change-asked', user.email],
    ])
  })

  test.each([
    ['nonsense', 'e-mail address like'],
    ['', 'e-mail address like'],
  ])('refuses %j and keeps it', async (email, message) => {
    const { browser } = await signedIn(pod)
    const page = await submit(browser, email)
    expect([page.status, page.text]).toEqual([422, expect.stringContaining(message)])
    expect(page.html.querySelector('[name=email]')?.getAttribute('value')).toBe(email)
  })

  test('refuses the address the user has already', async () => {
    const { user, browser } = await signedIn(pod)
    expect((await submit(browser, user.email)).text).toContain('That is your address already.')
    expect(await pod.db.mail.count()).toBe(0)
  })
})

describe('/settings/delete-account', () => {
  const submit = async (browser: Browser, fields: Record<string, string>) =>
    browser.submit(await browser.get('/settings/delete-account'), '/settings/delete-account', fields)

  test('deletes the account and says goodbye', async () => {
    const { user, browser } = await signedIn(pod)
    const page = await submit(browser, { password, confirm: 'yes' })
    expect([page.url, page.text]).toEqual(['/goodbye', expect.stringContaining('Your account is deleted')])
    expect(await pod.db.user.findUnique({ where: { id: user.id } })).toBeNull()
    expect((await browser.get('/api/v1/users/me')).status).toBe(401)
  })

  test.each([
    [{ password: 'wrong password', confirm: 'yes' }, 'That is not your password.'],
    [{ password }, 'Tick this to go on.'],
  ])('%o deletes nothing', async (fields, message) => {
    const { browser } = await signedIn(pod)
    const page = await submit(browser, fields)
    expect([page.status, page.text]).toEqual([422, expect.stringContaining(message)])
    expect(await pod.db.user.count()).toBe(1)
  })
})

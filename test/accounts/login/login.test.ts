import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { logIn } from '../../../src/accounts/login/login.ts'
import { createPasswordHasher } from '../../../src/lib/password-hasher.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Page } from '../../support/browser.ts'
import { aUser, password } from '../../support/factories.ts'
import { signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

const hasher = createPasswordHasher()

async function logInAs(username: string, typed: string): Promise<Page> {
  const browser = pod.browser()
  return browser.submit(await browser.get('/login?next=/device'), '/login', { username, password: typed })
}

describe('the login page', () => {
  test.each<[string, (name: string) => string]>([
    ['the user name', (name) => name],
    ['the user name in capitals', (name) => name.toUpperCase()],
    ['the e-mail address', (name) => `${name}@example.org`],
    ['the e-mail address in other letters', (name) => `${name}@Example.ORG`],
  ])('takes %s, and leads where it was asked to', async (_name, typed) => {
    const { username } = await aUser(pod.db)
    expect(await logInAs(typed(username), password)).toMatchObject({ status: 200, url: '/device' })
  })

  test('does not take an address that was never confirmed', async () => {
    const { email } = await aUser(pod.db, { emailVerifiedAt: null })
    expect((await logInAs(email, password)).status).toBe(422)
  })

  test('has labelled fields that password managers know, and works with nothing but its form', async () => {
    const { html } = await pod.browser().get('/login')
    const field = (name: string) => html.querySelector(`form input[name=${name}]`)
    expect(field('username')?.getAttribute('autocomplete')).toBe('username')
    expect(field('password')?.getAttribute('autocomplete')).toBe('current-password')
    for (const name of ['username', 'password']) {
      expect(html.querySelector(`label[for=${field(name)?.id}]`)).not.toBeNull()
    }
  })

  test('comes back after a mistake with the name still filled in, and the way kept', async () => {
    const page = await logInAs('"><b>nobody', 'wrong password')
    expect(page.status).toBe(422)
    expect(page.html.querySelector('[name=username]')?.getAttribute('value')).toBe('"><b>nobody')
    expect(page.html.querySelector('[name=next]')?.getAttribute('value')).toBe('/device')
    expect(page.html.querySelector('[name=password]')?.getAttribute('value')).toBeUndefined()
    expect(page.html.querySelector('[role=alert]')?.textContent).toContain('do not match')
  })

  test('is skipped by who is logged in, and leads to the start page from elsewhere (S53)', async () => {
    const { browser } = await signedIn(pod)
    expect((await browser.get('/login?next=/device')).url).toBe('/device')
    expect((await browser.get('/login?next=https://evil.example')).url).toBe('/')
    expect((await browser.get('/login?next=//evil.example&next=/device')).url).toBe('/device')
  })
})

describe('who cannot log in learns nothing (S51)', () => {
  const normalised = ({ html, status, headers }: Page, name: string) => {
    const token = html.querySelector('[name=csrfmiddlewaretoken]')?.getAttribute('value') ?? ''
    const { 'set-cookie': _, date: __, 'content-length': ___, 'x-request-id': ____, ...rest } = headers
    return [status, rest, html.toString().replaceAll(token, 'TOKEN').replaceAll(name, 'NAME')]
  }

  test('an unknown name, a wrong password, a deactivated user: the same page', async () => {
    const { username } = await aUser(pod.db)
    const inactive = await aUser(pod.db, { isActive: false })
    const unknown = normalised(await logInAs('nobody', password), 'nobody')
    expect(unknown[0]).toBe(422)
    expect(normalised(await logInAs(username, 'wrong password'), username)).toEqual(unknown)
    expect(normalised(await logInAs(username, `${password} `), username)).toEqual(unknown)
    expect(normalised(await logInAs(inactive.username, password), inactive.username)).toEqual(unknown)
    expect(normalised(await logInAs(inactive.username, 'wrong password'), inactive.username)).toEqual(unknown)
  })

  test('a password is checked once, whether or not there is such a user', async () => {
    const { username, passwordHash } = await aUser(pod.db)
    const inactive = await aUser(pod.db, { isActive: false })
    const verify = vi.fn(hasher.verify)
    for (const name of [username, inactive.username, 'nobody']) {
      await logIn(pod.db, { ...hasher, verify }, { username: name, password: 'wrong password' })
    }
    expect(verify.mock.calls).toEqual([
      [passwordHash, 'wrong password'],
      [passwordHash, 'wrong password'],
      [undefined, 'wrong password'],
    ])
  })

  test('checking a password against no user takes as long as against one', async () => {
    const hash = await hasher.hash(password)
    await hasher.verify(undefined, password)
    const cpuOf = async (known: string | undefined) => {
      const before = process.cpuUsage()
      for (let round = 0; round < 5; round++) await hasher.verify(known, 'wrong password')
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const ratio = (await cpuOf(undefined)) / (await cpuOf(hash))
    expect(ratio).toBeGreaterThan(0.4)
    expect(ratio).toBeLessThan(2.5)
  })
})

describe('passwords', () => {
  test.each<[string, string, string[]]>([
    ['64 letters', 'x'.repeat(64), ['x'.repeat(63), 'x'.repeat(65), 'X'.repeat(64)]],
    ['1024 bytes', 'ü'.repeat(512), ['ü'.repeat(511), `${'ü'.repeat(511)}xx`]],
    ['signs of all kinds', ' ä鲸🐋\'"<>&%+\\ ', ['ä鲸🐋\'"<>&%+\\', ' a\u0308鲸🐋\'"<>&%+\\ ', '   鲸🐋\'"<>&%+\\ ']],
  ])('%s are compared exactly and never cut (S54)', async (_name, own, others) => {
    const user = await aUser(pod.db, { passwordHash: await hasher.hash(own) })
    expect((await logInAs(user.username, own)).status).toBe(200)
    for (const other of others) expect((await logInAs(user.username, other)).status).toBe(422)
  })

  test('more than 1024 bytes are not even hashed (S55)', async () => {
    const { username } = await aUser(pod.db)
    const verify = vi.fn(hasher.verify)
    const attempt = logIn(pod.db, { ...hasher, verify }, { username, password: 'ü'.repeat(513) })
    await expect(attempt).rejects.toMatchObject({ kind: 'invalid' })
    expect(verify).not.toHaveBeenCalled()
    expect((await logInAs(username, 'x'.repeat(1025))).status).toBe(400)
  })

  test.each([
    ['nothing typed', { username: '', password: '' }, 422],
    ['no fields', { username: undefined, password: undefined }, 422],
    ['a name of 5000 characters', { username: 'x'.repeat(5000), password }, 422],
    ['a NUL in the name (S61)', { username: 'a\0', password }, 400],
  ])('%s: no login and no defect', async (_name, fields, status) => {
    const browser = pod.browser()
    expect((await browser.submit(await browser.get('/login'), '/login', fields)).status).toBe(status)
    expect(browser.cookies.has('sessionid')).toBe(false)
  })
})

describe('nobody is logged in by another site (S50)', () => {
  test.each<[string, Record<string, string>]>([
    ['without a CSRF token', {}],
    ["with the attacker's CSRF token", { csrfmiddlewaretoken: 'attacker' }],
  ])('%s', async (_name, given) => {
    const attacker = pod.browser()
    await attacker.get('/login')
    const token = attacker.cookies.get('csrftoken') ?? ''
    const fields = given.csrfmiddlewaretoken === undefined ? {} : { csrfmiddlewaretoken: token }
    const { username } = await aUser(pod.db)
    for (const victim of [pod.browser(), await visitor()]) {
      expect((await victim.post('/login', { username, password, ...fields })).status).toBe(403)
      expect(victim.cookies.has('sessionid')).toBe(false)
    }
  })

  async function visitor() {
    const browser = pod.browser()
    await browser.get('/login')
    return browser
  }
})

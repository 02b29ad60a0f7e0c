import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { setPassword } from '../../../src/accounts/users.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser, password } from '../../support/factories.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

/** What Funkwhale's web client does: it takes the token from the cookie and sends it as a header. */
async function loginByApi(browser: Browser, fields: Record<string, string>, path = '/api/v1/users/login') {
  await browser.get('/login')
  return browser.post(path, fields, { 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' })
}

describe('POST /api/v1/users/login', () => {
  test.each(['/api/v1/users/login', '/api/v1/users/login/', '/api/v1/users/users/login'])(
    '%s signs the browser in, with an empty answer',
    async (path) => {
      const user = await aUser(pod.db)
      const browser = pod.browser()
      const answer = await loginByApi(browser, { username: user.username, password }, path)
      expect([answer.status, answer.text]).toEqual([200, ''])
      expect((await browser.get('/api/v1/users/me')).status).toBe(200)
    },
  )

  test('takes the confirmed e-mail address in any letter case', async () => {
    const user = await aUser(pod.db, { email: 'Mixed@Example.org' })
    const browser = pod.browser()
    expect((await loginByApi(browser, { username: 'mixed@example.ORG', password })).status).toBe(200)
    expect(JSON.parse((await browser.get('/api/v1/users/me')).text)).toMatchObject({ username: user.username })
  })

  test('gives a new CSRF token, as the old one was not bound to the session', async () => {
    const user = await aUser(pod.db)
    const browser = pod.browser()
    await browser.get('/login')
    const before = browser.cookies.get('csrftoken')
    await loginByApi(browser, { username: user.username, password })
    expect(browser.cookies.get('csrftoken')).not.toBe(before)
  })

  test('who was signed in until the session ended logs in with the token that a web app still has', async () => {
    const { username } = await aUser(pod.db)
    const browser = pod.browser()
    await loginByApi(browser, { username, password })
    const headers = { 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' }
    await pod.db.session.deleteMany()
    expect((await browser.get('/api/v1/users/me')).status).toBe(401)
    expect((await browser.post('/api/v1/users/login', { username, password }, headers)).status).toBe(200)
    expect((await browser.get('/api/v1/users/me')).status).toBe(200)
    expect((await browser.post('/api/v1/users/logout', {}, headers)).status).toBe(403)
  })

  test('a password that changes while it is looked at opens nothing that outlives it (S56)', async () => {
    const { username } = await aUser(pod.db)
    const { hasher } = pod.services
    const browser = pod.browser()
    const { verify } = hasher
    vi.spyOn(hasher, 'verify').mockImplementationOnce(async (...given) => {
      const isRight = await verify(...given)
      await setPassword(pod.db, hasher, username, 'another password than before')
      return isRight
    })
    expect((await loginByApi(browser, { username, password })).status).toBe(400)
    expect((await browser.get('/api/v1/users/me')).status).toBe(401)
    expect(await pod.db.session.count()).toBe(0)
  })

  test('unknown name, wrong password and deactivated user look the same (S51)', async () => {
    const user = await aUser(pod.db)
    const inactive = await aUser(pod.db, { isActive: false })
    const answers = await Promise.all([
      loginByApi(pod.browser(), { username: 'nobody', password }),
      loginByApi(pod.browser(), { username: user.username, password: 'wrong password' }),
      loginByApi(pod.browser(), { username: inactive.username, password }),
    ])
    for (const { status, text } of answers) {
      expect(status).toBe(400)
      expect(JSON.parse(text)).toEqual({ non_field_errors: ['Unable to log in with provided credentials.'] })
    }
  })

  test('names the fields that are missing', async () => {
    const answer = await loginByApi(pod.browser(), { username: '' })
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text)).toEqual({
      username: ['This field may not be blank.'],
      password: ['This field is required.'],
    })
  })

  test('refuses without the CSRF token of this browser (S50)', async () => {
    const user = await aUser(pod.db)
    const browser = pod.browser()
    const answer = await browser.post('/api/v1/users/login', { username: user.username, password })
    expect(answer.status).toBe(403)
    expect(browser.cookies.has('sessionid')).toBe(false)
  })
})

test('POST /api/v1/users/logout ends the session on the server (S49)', async () => {
  const user = await aUser(pod.db)
  const browser = pod.browser()
  await loginByApi(browser, { username: user.username, password })
  const kept = browser.cookies.get('sessionid') ?? ''
  const answer = await browser.post(
    '/api/v1/users/logout',
    {},
    { 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' },
  )
  expect(answer.status).toBe(200)
  const thief = pod.browser()
  thief.cookies.set('sessionid', kept)
  expect((await thief.get('/api/v1/users/me')).status).toBe(401)
})

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

const better = 'seven purple otters sing'
const change = { old_password: password, new_password1: better, new_password2: better }

async function byApi(browser: Browser, fields: Record<string, string>, path = '/api/v1/auth/password/change') {
  return browser.post(path, fields, { 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' })
}

async function canLogIn(username: string, secret: string): Promise<boolean> {
  const browser = pod.browser()
  await browser.logIn(username, secret)
  return browser.cookies.has('sessionid')
}

describe('changing the password', () => {
  test.each(['/api/v1/auth/password/change/', '/api/v1/auth/registration/change-password/'])(
    '%s needs the old password and ends all other sessions (S56)',
    async (path) => {
      const { user, browser } = await signedIn(pod)
      const other = pod.browser()
      await other.logIn(user.username, password)
      const answer = await byApi(browser, change, path)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toEqual({ detail: expect.any(String) })
      expect((await other.get('/api/v1/users/me')).status).toBe(401)
      expect((await browser.get('/api/v1/users/me')).status).toBe(200)
      expect(await canLogIn(user.username, password)).toBe(false)
      expect(await canLogIn(user.username, better)).toBe(true)
    },
  )

  test.each([
    [{ old_password: 'wrong password' }, 'old_password'],
    [{ new_password2: 'something else entirely' }, 'new_password2'],
    [{ new_password1: 'short', new_password2: 'short' }, 'new_password2'],
  ])('%o is refused, naming the field', async (fields, field) => {
    const { user, browser } = await signedIn(pod)
    const answer = await byApi(browser, { ...change, ...fields })
    expect(answer.status).toBe(400)
    expect(Object.keys(JSON.parse(answer.text))).toEqual([field])
    expect(await canLogIn(user.username, password)).toBe(true)
  })

  test('from several browsers at once is done by one, which stays signed in (S56)', async () => {
    const { user, browser } = await signedIn(pod)
    const browsers = [browser, pod.browser(), pod.browser()]
    for (const other of browsers.slice(1)) await other.logIn(user.username, password)
    const wishes = browsers.map((_, at) => `${better} ${at}`)
    const answers = await Promise.all(
      browsers.map((one, at) => {
        const wish = wishes[at] ?? ''
        return byApi(one, { ...change, new_password1: wish, new_password2: wish })
      }),
    )
    const won = answers.findIndex(({ status }) => status === 200)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await canLogIn(user.username, wishes[won] ?? '')).toBe(true)
    const statuses = await Promise.all(browsers.map(async (one) => (await one.get('/api/v1/users/me')).status))
    expect(statuses).toEqual(browsers.map((_, at) => (at === won ? 200 : 401)))
  })

  test('the page does the same, and says so', async () => {
    const { user, browser } = await signedIn(pod)
    const form = await browser.get('/settings/password')
    const wrong = await browser.submit(form, '/settings/password', { ...change, old_password: 'wrong password' })
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('That is not your password.')])
    const done = await browser.submit(form, '/settings/password', change)
    expect(done.text).toContain('Your password is changed')
    expect(await canLogIn(user.username, better)).toBe(true)
  })

  test('listen tokens end with the old password', async () => {
    const { user, browser } = await signedIn(pod)
    await byApi(browser, change)
    const after = await pod.db.user.findUniqueOrThrow({ where: { id: user.id } })
    expect(Buffer.from(after.secretKey).equals(user.secretKey)).toBe(false)
  })
})

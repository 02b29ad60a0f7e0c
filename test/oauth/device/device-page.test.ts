import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deviceCodeGrant, type Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, password } from '../../support/factories.ts'
import { postAs, signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
let client: Registered
let browser: Browser
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  client = await aClient(pod.db, { name: 'Telly' })
  browser = (await signedIn(pod, { username: 'alice' })).browser
})

const begin = async (scope = 'read') => (await postAs(pod, client, 'device_authorization', { scope })).json()
const type = async (userCode: string) =>
  browser.submit(await browser.get('/device'), '/device', { user_code: userCode })

describe('the page where the code is typed', () => {
  test('asks for login first and comes back with the code filled in (RFC 8628 §3.3.1)', async () => {
    const { user_code } = await begin()
    const stranger = pod.browser()
    const login = await stranger.get(`/device?user_code=${user_code}`)
    expect(login.url).toMatch(/^\/login\?/)
    const page = await stranger.submit(login, '/login', { username: 'alice', password })
    expect(page.html.querySelector('input[name=user_code]')?.getAttribute('value')).toBe(user_code)
  })

  test('a link with the code decides nothing: the user has to press on (RFC 8628 §5.4)', async () => {
    const { user_code } = await begin()
    const page = await browser.get(`/device?user_code=${user_code}`)
    expect(page.html.querySelector('[name=decision]')).toBeNull()
    expect(page.text).not.toContain('Telly')
  })

  test('takes the code in any spelling people use (RFC 8628 §6.1)', async () => {
    const { user_code } = await begin()
    const spellings = [
      user_code.toLowerCase(),
      user_code.replace('-', ''),
      user_code.replace('-', ' '),
      ` ${user_code.split('').join(' ')} `,
      user_code.replace('-', '–'),
      `${user_code}.`,
    ]
    for (const spelling of spellings) expect((await type(spelling)).text).toContain('Telly')
  })

  test('shows the app, the user, the code to compare and the permissions (RFC 8628 §5.4, S13)', async () => {
    const { user_code } = await begin('read:favorites')
    const page = await type(user_code)
    for (const text of ['Telly', 'alice', user_code]) expect(page.text).toContain(text)
    const boxes = page.html.querySelectorAll('input[type=checkbox]')
    expect(boxes.map((box) => box.getAttribute('value'))).toEqual(['read:favorites'])
  })

  test('tells a guesser of unknown, decided, expired and malformed codes the same (RFC 8628 §5.1)', async () => {
    const [denied, expired] = [await begin(), await begin()]
    await browser.submit(await type(denied.user_code), '/device', { decision: 'deny' })
    await pod.db.deviceAuthorization.updateMany({ where: { deniedAt: null }, data: { expiresAt: new Date(0) } })
    const pages = []
    for (const code of ['BBBB-BBBB', denied.user_code, expired.user_code, 'nonsense', '1']) pages.push(await type(code))
    expect(pages.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
    const messages = pages.map(({ html }) => html.querySelector('#field-user_code-error')?.textContent)
    expect(new Set(messages).size).toBe(1)
    expect(messages[0]).toMatch(/not right, or it has expired/)
  })

  test('does not echo markup that was typed (S67)', async () => {
    const page = await type('"><script>alert(1)</script>')
    expect(page.html.querySelector('script:not([src])')).toBeNull()
  })

  test('may not be framed, nor send its form elsewhere (S15)', async () => {
    const { headers } = await browser.get('/device')
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/)
    expect(headers['content-security-policy']).toMatch(/form-action 'self'(;|$)/)
    expect(headers['x-frame-options']).toBe('DENY')
  })
})

describe('the decision', () => {
  test('needs the CSRF token of this browser (S14)', async () => {
    const { device_code, user_code } = await begin()
    const consent = await type(user_code)
    for (const token of [undefined, 'wrong']) {
      const page = await browser.submit(consent, '/device', { decision: 'allow', csrfmiddlewaretoken: token })
      expect(page.status).toBe(403)
    }
    const answer = await postAs(pod, client, 'token', { grant_type: deviceCodeGrant, device_code })
    expect(answer.json()).toMatchObject({ error: 'authorization_pending' })
  })

  test('cannot add permissions that were not asked for (S14)', async () => {
    const { device_code, user_code } = await begin('read:favorites')
    const fields = { decision: 'allow', scopes: ['read:favorites', 'write:favorites', 'read:security'] }
    await browser.submit(await type(user_code), '/device', fields)
    const answer = await postAs(pod, client, 'token', { grant_type: deviceCodeGrant, device_code })
    expect(answer.json().scope).toBe('read:favorites')
  })

  test('is taken once: a second one changes nothing', async () => {
    const { device_code, user_code } = await begin()
    const consent = await type(user_code)
    await browser.submit(consent, '/device', { decision: 'deny' })
    expect((await browser.submit(consent, '/device', { decision: 'allow' })).status).toBe(400)
    const answer = await postAs(pod, client, 'token', { grant_type: deviceCodeGrant, device_code })
    expect(answer.json()).toMatchObject({ error: 'access_denied' })
  })
})

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser, Page } from '../support/browser.ts'
import { aClient } from '../support/factories.ts'
import { authorizationUrl, signedIn } from '../support/oauth-flow.ts'

let pod: TestApp
let securePod: TestApp
let browser: Browser
let consentUrl: string

beforeAll(async () => {
  pod = await testApp()
  securePod = await testApp({ publicUrl: 'https://pod.example' })
  browser = (await signedIn(pod)).browser
  consentUrl = authorizationUrl(await aClient(pod.db, { redirectUris: ['urn:ietf:wg:oauth:2.0:oob'] }))
})
afterAll(() => Promise.all([pod.close(), securePod.close()]))

const stranger = () => pod.browser()

/** Every kind of page, by what leads to it. */
const pages: Record<string, () => Promise<Page>> = {
  'the start page': () => browser.get('/'),
  'the login page': () => stranger().get('/login'),
  'a failed login': async () => {
    const visitor = stranger()
    return visitor.submit(await visitor.get('/login'), '/login', { username: 'nobody', password: 'wrong password' })
  },
  'the log-out page': () => browser.get('/logout'),
  'the page after a log-out': () => stranger().get('/logout'),
  'the consent page': () => browser.get(consentUrl),
  'the code page': async () => browser.submit(await browser.get(consentUrl), '/authorize', { decision: 'allow' }),
  'a denied request': async () => browser.submit(await browser.get(consentUrl), '/authorize', { decision: 'deny' }),
  'a request that cannot be answered': () => stranger().get('/authorize?client_id=x'),
  'a form from elsewhere': () => browser.post('/authorize', {}),
  'a form after the session has ended': () => stranger().post('/authorize', {}),
  'the device page': () => browser.get('/device'),
  'an unknown address': () => stranger().get('/nowhere'),
  'a method that is not offered': () => stranger().post('/authorize/code', {}),
  'a broken query': () => stranger().get('/login?next=%zz'),
}

const statuses: Record<string, number> = {
  'a failed login': 422,
  'a request that cannot be answered': 400,
  'a form from elsewhere': 403,
  'a form after the session has ended': 401,
  'an unknown address': 404,
  'a method that is not offered': 405,
  'a broken query': 400,
}

describe.each(Object.entries(pages))('%s', (name, open) => {
  test('runs nothing inline, loads nothing from elsewhere and is in no frame (S15, S69)', async () => {
    const { headers } = await open()
    const directives = String(headers['content-security-policy']).split('; ')
    expect(directives).toEqual([
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      "object-src 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ])
    expect(headers['x-frame-options']).toBe('DENY')
  })

  test('is HTML in UTF-8 that nobody keeps, guesses about or learns its address from (S69)', async () => {
    const { headers } = await open()
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin)$/),
    })
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('is a whole page, with a heading and the way to the start page', async () => {
    const { html, text, status } = await open()
    expect(status).toBe(statuses[name] ?? 200)
    expect(html.querySelectorAll('h1')).toHaveLength(1)
    expect(html.querySelector('a.brand')?.getAttribute('href')).toBe('/')
    expect(text).not.toMatch(/undefined|\[object/)
  })
})

test('over https browsers are told to stay there (S69)', async () => {
  for (const url of ['/login', '/nowhere', '/api/v1/users/me', '/device']) {
    const { headers } = await securePod.app.inject({ url, headers: { accept: 'text/html' } })
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/)
  }
})

test('a defect is a page without its text, and with what to search the log for (S72)', async () => {
  const broken = await testApp()
  vi.spyOn(broken.db.client, 'findUnique').mockRejectedValue(new Error('SELECT secret FROM /srv/pod'))
  const page = await broken.browser().get('/authorize?client_id=x')
  await broken.close()
  expect(page.status).toBe(500)
  expect(page.text).toMatch(/Reference: [\w-]{8}-\w+/)
  expect(page.text).not.toMatch(/SELECT|srv|Error:|at /)
})

describe('who must be logged in', () => {
  test('is sent to the login page and back, query and all', async () => {
    const { url } = await stranger().get('/device?user_code=WDJB-MJHT')
    expect(url).toBe(`/login?next=${encodeURIComponent('/device?user_code=WDJB-MJHT')}`)
  })

  test('is told so where a form cannot be taken up again', async () => {
    const page = await stranger().post('/authorize', { request_id: 'x', decision: 'allow' })
    expect(page.status).toBe(401)
    expect(page.text).toContain('You are no longer logged in')
  })
})

describe('the frame of every page', () => {
  test('says who is logged in, with a way to log out', async () => {
    const { browser: own, user } = await signedIn(pod, { name: 'Alice & <Bob>' })
    const { html, text } = await own.get('/')
    expect(html.querySelector('nav.account')?.textContent).toContain('Alice & <Bob>')
    expect(text).not.toContain(user.passwordHash)
    expect((await own.submit(await own.get('/'), '/logout')).text).toContain('You are logged out')
  })

  test('loads style sheet, script and icon from addresses that change with them', async () => {
    const { html } = await browser.get('/')
    const addresses = html.querySelectorAll('[rel=stylesheet], [rel=icon], script').map((tag) => {
      return tag.getAttribute('href') ?? tag.getAttribute('src') ?? ''
    })
    expect(addresses).toHaveLength(3)
    for (const url of addresses) {
      const { statusCode, headers } = await pod.app.inject(url)
      expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })
})

test('GET pages answer HEAD alike, without a body', async () => {
  const answer = await pod.app.inject({ method: 'HEAD', url: '/login' })
  expect([answer.statusCode, answer.body]).toEqual([200, ''])
})

test.each(['text/html', 'application/xhtml+xml,text/html;q=0.9', '*/*'])(
  'pages do not depend on Accept: %s',
  async (accept) => {
    expect((await pod.app.inject({ url: '/login', headers: { accept } })).headers['content-type']).toContain(
      'text/html',
    )
  },
)

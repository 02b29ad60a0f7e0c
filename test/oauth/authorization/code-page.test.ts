import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser, Page } from '../../support/browser.ts'
import { aClient } from '../../support/factories.ts'
import { authorizationUrl, exchange, signedIn } from '../../support/oauth-flow.ts'

const oob = 'urn:ietf:wg:oauth:2.0:oob'
let pod: TestApp
let client: Registered
let browser: Browser

beforeAll(async () => {
  pod = await testApp()
})
beforeEach(async () => {
  client = await aClient(pod.db, { name: 'Terminal', redirectUris: [oob, `${oob}:auto`, 'https://app.example/cb'] })
  browser = (await signedIn(pod)).browser
  return () => void vi.useRealTimers()
})
afterAll(() => pod.close())

async function decide(decision: string, redirect_uri = oob): Promise<Page> {
  return browser.submit(await browser.get(authorizationUrl(client, { redirect_uri })), '/authorize', { decision })
}

const codeOn = (page: Page) => page.html.querySelectorAll('code').map((element) => element.textContent)

describe.each([oob, `${oob}:auto`])('%s', (redirect_uri) => {
  test('the code stands alone in one element, with the name of the app and how long it is valid', async () => {
    const page = await decide('allow', redirect_uri)
    expect(page.status).toBe(200)
    expect(codeOn(page)).toEqual([expect.stringMatching(/^blc_\w{43}$/)])
    expect(page.text).toContain('Your code for Terminal')
    expect(page.text).toContain('within the next 5 minutes')
    const [code = ''] = codeOn(page)
    expect((await exchange(pod, client, code, { redirect_uri })).statusCode).toBe(200)
  })

  test('Deny is a page too, and no code', async () => {
    const page = await decide('deny', redirect_uri)
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Terminal got no access') })
    expect(codeOn(page)).toEqual([])
  })
})

describe('the page with the code', () => {
  test('has the code in its title only for oob:auto, where the app reads it there', async () => {
    const titleOf = (page: Page) => page.html.querySelector('title')?.textContent ?? ''
    expect(titleOf(await decide('allow'))).toMatch(/^Your code for Terminal/)
    const page = await decide('allow', `${oob}:auto`)
    expect(titleOf(page)).toContain(`Success code=${codeOn(page)[0]}`)
  })

  test('is kept by nobody and gives its address to nobody (S69)', async () => {
    const { headers, html } = await decide('allow')
    expect(headers).toMatchObject({ 'cache-control': 'private, no-store', 'referrer-policy': 'no-referrer' })
    expect(html.querySelectorAll('[src], [href]').every((tag) => /="[/#](?!\/)/.test(tag.rawAttrs))).toBe(true)
  })

  test('shows the same code when it is reloaded and makes no other', async () => {
    const page = await decide('allow')
    const again = await browser.get(page.url)
    expect(codeOn(again)).toEqual(codeOn(page))
    expect(await pod.db.authorizationCode.count({ where: { grant: { clientId: client.client.id } } })).toBe(1)
  })

  test('says so once the code was used', async () => {
    const page = await decide('allow')
    await exchange(pod, client, codeOn(page)[0] ?? '', { redirect_uri: oob })
    const again = await browser.get(page.url)
    expect(again.status).toBe(400)
    expect(again.text).toContain('already answered')
    expect(codeOn(again)).toEqual([])
  })

  test('says so once the code has expired', async () => {
    const page = await decide('allow')
    const start = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: start + 200_000 })
    expect((await browser.get(page.url)).text).toContain('within the next 2 minutes')
    vi.setSystemTime(start + 300_000)
    const again = await browser.get(page.url)
    expect(again).toMatchObject({ status: 400, text: expect.stringContaining('has expired') })
    expect(codeOn(again)).toEqual([])
  })

  test('is for the user who allowed it', async () => {
    const page = await decide('allow')
    const other = await (await signedIn(pod)).browser.get(page.url)
    expect(other.status).toBe(400)
    expect(other.text).not.toContain('Terminal')
    expect((await pod.browser().get(page.url)).url).toMatch(/^\/login\?next=/)
  })

  test.each(['', '?code=', '?code=blc_x', `?code=${'a'.repeat(5000)}`, '?code=a&code=b', '?code=%00'])(
    'shows nothing for %j',
    async (query) => {
      const page = await browser.get(`/authorize/code${query}`)
      expect(page.status).toBe(400)
      expect(codeOn(page)).toEqual([])
    },
  )

  test('shows no code that was sent to an app', async () => {
    const code = new URL((await decide('allow', 'https://app.example/cb')).url).searchParams.get('code')
    expect((await browser.get(`/authorize/code?code=${code}`)).status).toBe(400)
  })
})

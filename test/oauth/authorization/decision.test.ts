import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { setActive } from '../../../src/accounts/users.ts'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser, Page } from '../../support/browser.ts'
import { aClient } from '../../support/factories.ts'
import { authorizationUrl, exchange, newPkce, signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
let client: Registered
let browser: Browser

beforeAll(async () => {
  pod = await testApp()
})
beforeEach(async () => {
  client = await aClient(pod.db)
  browser = (await signedIn(pod)).browser
  return () => void vi.useRealTimers()
})
afterAll(() => pod.close())

const answerOf = ({ url }: Page) => Object.fromEntries(new URL(url).searchParams)
const allow = (page: Page, fields = {}, by = browser) => by.submit(page, '/authorize', { decision: 'allow', ...fields })
const fieldIn = (page: Page, name: string) => page.html.querySelector(`[name=${name}]`)?.getAttribute('value') ?? ''
const countCodes = () => pod.db.authorizationCode.count({ where: { grant: { clientId: client.client.id } } })

describe('the form acts on the request that was shown (S14)', () => {
  test('added and changed fields have no effect', async () => {
    const other = await aClient(pod.db, { redirectUris: ['https://evil.example/cb'] })
    const { challenge, verifier } = newPkce()
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    const page = await browser.get(authorizationUrl(client, { ...pkce, scope: 'read:profile read:radios' }))
    const answer = await allow(page, {
      client_id: other.client.clientId,
      redirect_uri: 'https://evil.example/cb',
      response_type: 'token',
      scope: 'read write',
      state: 'evil',
      user_id: '1',
      code_challenge: newPkce().challenge,
      code_challenge_method: 'plain',
    })
    expect(answer.url).toMatch(/^https:\/\/app\.example\/callback\?code=/)
    const { code = '', state } = answerOf(answer)
    expect(state).toBe('xyz')
    expect((await exchange(pod, other, code, { code_verifier: verifier })).statusCode).toBe(400)
    const tokens = (await exchange(pod, client, code, { code_verifier: verifier })).json()
    expect(tokens.scope).toBe('read:profile read:radios')
  })

  test('boxes that were not there cannot be ticked', async () => {
    const page = await browser.get(authorizationUrl(client, { scope: 'read:radios read:edits' }))
    const scopes = ['read:radios', 'write:radios', 'read:profile', 'read', 'write:security', '__proto__', 'x']
    const { code = '' } = answerOf(await allow(page, { scopes }))
    expect((await exchange(pod, client, code)).json().scope).toBe('read:radios')
    const again = await browser.get(authorizationUrl(client, { scope: 'read:radios' }))
    expect((await allow(again, { scopes: ['write:radios', 'read:profile'] })).status).toBe(400)
  })

  test('two tabs do not mix', async () => {
    const other = await aClient(pod.db, { redirectUris: ['https://other.example/cb'] })
    const one = await browser.get(authorizationUrl(client, { state: 'one' }))
    const two = await browser.get(authorizationUrl(other, { state: 'two' }))
    expect((await allow(one)).url).toMatch(/^https:\/\/app\.example\/callback\?code=.*state=one/)
    expect((await allow(two)).url).toMatch(/^https:\/\/other\.example\/cb\?code=.*state=two/)
  })

  test('what the app changes after the page was shown does not widen it', async () => {
    const page = await browser.get(authorizationUrl(client, { scope: 'read:radios' }))
    await pod.db.client.update({ where: { id: client.client.id }, data: { scopes: ['read', 'write'] } })
    const { code = '' } = answerOf(await allow(page))
    expect((await exchange(pod, client, code)).json().scope).toBe('read:radios')
  })
})

describe('who may decide, and when (S14)', () => {
  test('another user cannot', async () => {
    const page = await browser.get(authorizationUrl(client))
    const other = (await signedIn(pod)).browser
    const csrfmiddlewaretoken = other.cookies.get('csrftoken')
    const answer = await allow(page, { csrfmiddlewaretoken }, other)
    expect(answer.status).toBe(400)
    expect(answer.text).not.toContain('Test app')
    expect(await countCodes()).toBe(0)
    expect(answerOf(await allow(page))).toHaveProperty('code')
  })

  test('nobody decides twice, not even at the same time', async () => {
    // With connections at hand, the statements of all requests mix.
    await Promise.all(Array.from({ length: 10 }, () => pod.db.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`))
    for (let round = 1; round <= 3; round++) {
      const page = await browser.get(authorizationUrl(client))
      const answers = await Promise.all(Array.from({ length: 8 }, () => allow(page)))
      expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
      for (const { status, text } of answers.filter((answer) => answer.status !== 303)) {
        expect([status, text.includes('You have already answered')]).toEqual([400, true])
      }
      expect((await browser.submit(page, '/authorize', { decision: 'deny' })).text).toContain('already answered')
      expect(await countCodes()).toBe(round)
    }
  })

  test('after Deny there is no Allow', async () => {
    const page = await browser.get(authorizationUrl(client))
    await browser.submit(page, '/authorize', { decision: 'deny' })
    expect(await allow(page)).toMatchObject({ status: 400, text: expect.stringContaining('already answered') })
    expect(await countCodes()).toBe(0)
  })

  test('not after an hour', async () => {
    const page = await browser.get(authorizationUrl(client))
    const start = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: start + 59 * 60_000 })
    const second = await browser.get(authorizationUrl(client))
    vi.setSystemTime(start + 61 * 60_000)
    const answer = await allow(page)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('This request has expired')
    expect(answer.text).toContain('go back to Test app')
    expect(answerOf(await allow(second))).toHaveProperty('code')
  })

  test('not once logged out, and the app is told nothing', async () => {
    const page = await browser.get(authorizationUrl(client))
    browser.cookies.delete('sessionid')
    expect(await allow(page)).toMatchObject({ status: 401 })
    expect(await countCodes()).toBe(0)
  })

  test('not once the user is deactivated (S57)', async () => {
    const { user, browser: own } = await signedIn(pod)
    const page = await own.get(authorizationUrl(client))
    await setActive(pod.db, user.username, false)
    expect(await allow(page, {}, own)).toMatchObject({ status: 401 })
  })

  test('not for an app that is gone', async () => {
    const page = await browser.get(authorizationUrl(client))
    await pod.db.client.delete({ where: { id: client.client.id } })
    expect(await allow(page)).toMatchObject({ status: 400, text: expect.stringContaining('has expired') })
  })
})

describe('a code comes from the form alone (S14)', () => {
  test('GET issues none, whatever is in its query', async () => {
    const page = await browser.get(authorizationUrl(client))
    const names = ['request_id', 'csrfmiddlewaretoken']
    const filledIn = new URLSearchParams(names.map((name) => [name, fieldIn(page, name)]))
    const all = `${authorizationUrl(client)}&${filledIn}&decision=allow&allow=true&scopes=read:radios`
    expect((await browser.get(all)).text).toContain('Let Test app use your account?')
    await browser.get(`/authorize?${filledIn}&decision=allow`)
    await pod.app.inject({ method: 'HEAD', url: all, headers: { cookie: browser.cookieHeader } })
    expect(await countCodes()).toBe(0)
  })

  test.each<[string, Record<string, string | undefined>, Record<string, string>]>([
    ['no CSRF token', { csrfmiddlewaretoken: undefined }, {}],
    ['a wrong CSRF token', { csrfmiddlewaretoken: 'x'.repeat(65) }, {}],
    ['a foreign Origin', {}, { origin: 'https://evil.example' }],
    ['a foreign Sec-Fetch-Site', {}, { 'sec-fetch-site': 'cross-site' }],
  ])('with %s there is none', async (_name, fields, headers) => {
    const page = await browser.get(authorizationUrl(client))
    const form = { request_id: fieldIn(page, 'request_id'), csrfmiddlewaretoken: fieldIn(page, 'csrfmiddlewaretoken') }
    const all = Object.entries({ ...form, decision: 'allow', scopes: 'read:radios', ...fields })
    const sent = Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
    expect((await browser.post('/authorize', sent, headers)).status).toBe(403)
    expect(await countCodes()).toBe(0)
  })

  test.each<[string, Record<string, string | string[] | undefined>]>([
    ['no decision', { decision: undefined }],
    ['an unknown decision', { decision: 'maybe' }],
    ['two decisions', { decision: ['deny', 'allow'] }],
    ['no request', { request_id: undefined }],
    ['an unknown request', { request_id: `blq_${'a'.repeat(43)}` }],
    ['a request of 5000 characters (S61)', { request_id: 'a'.repeat(5000) }],
    ['a request with a NUL (S61)', { request_id: 'a\0' }],
  ])('with %s there is a page that says so', async (_name, fields) => {
    const answer = await allow(await browser.get(authorizationUrl(client)), fields)
    expect(answer.status).toBe(400)
    expect(answer.html.querySelector('h1')).not.toBeNull()
    expect(await countCodes()).toBe(0)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aUser, password } from '../support/factories.ts'
import { authorizationUrl, exchange } from '../support/oauth-flow.ts'
import { answerAt, logIn, openStage, press, type Stage, state, type Visit } from '../support/stage.ts'

const oob = 'urn:ietf:wg:oauth:2.0:oob'
let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

async function scopeOf({ client }: Visit, { code = '' }: Record<string, string>): Promise<string> {
  return (await exchange(stage.pod, client, code)).json().scope
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s', (_name, javaScriptEnabled) => {
  const options = { javaScriptEnabled }

  test('login, consent and Allow lead to the app on another origin, with code, state and iss (S70)', async () => {
    const visit = await stage.arrive(undefined, options)
    await logIn(visit)
    await press(visit.page, 'Allow')
    const answer = await answerAt(stage, visit.page)
    expect(answer).toEqual({ code: expect.stringMatching(/^blc_/), state, iss: `${stage.pod.url}/` })
    expect(stage.app.visits.at(-1)).toMatchObject({ method: 'GET', referer: undefined })
    expect(await scopeOf(visit, answer)).toBe('read')
    expect([visit.foreign, visit.complaints]).toEqual([[], []])
  })

  test('Deny leads to the app with access_denied', async () => {
    const visit = await stage.arrive(undefined, options)
    await logIn(visit)
    await press(visit.page, 'Deny')
    expect(await answerAt(stage, visit.page)).toMatchObject({ error: 'access_denied', state, iss: `${stage.pod.url}/` })
  })

  test('an unticked permission is not granted', async () => {
    const visit = await stage.arrive(undefined, options)
    await logIn(visit)
    await visit.page.getByLabel('See your profile, e-mail address and settings').uncheck()
    await press(visit.page, 'Allow')
    const scopes = (await scopeOf(visit, await answerAt(stage, visit.page))).split(' ')
    expect(scopes).toContain('read:playlists')
    expect(scopes).not.toContain('read:profile')
    expect(scopes).not.toContain('read')
  })

  test('"Not you?" leads by way of the login to the same request', async () => {
    const visit = await stage.arrive(undefined, options)
    await logIn(visit)
    await press(visit.page, 'Not you?')
    await logIn({ ...visit, user: await aUser(stage.pod.db) })
    await press(visit.page, 'Allow')
    expect(await answerAt(stage, visit.page)).toMatchObject({ state })
  })

  test('out of band, the code is on a page and can be selected', async () => {
    const visit = await stage.arrive(oob, options)
    await logIn(visit)
    await press(visit.page, 'Allow')
    await visit.page.getByRole('heading', { name: 'Your code for Tempo' }).waitFor()
    const code = (await visit.page.locator('code').textContent()) ?? ''
    expect(await visit.page.getByRole('button', { name: /Copy/ }).isVisible()).toBe(javaScriptEnabled)
    const answer = await exchange(stage.pod, visit.client, code)
    expect(answer.statusCode).toBe(200)
    expect([visit.foreign, visit.complaints]).toEqual([[], []])
  })
})

test('the copy button copies the code and says so', async () => {
  const visit = await stage.arrive(oob, { permissions: ['clipboard-read', 'clipboard-write'] })
  await logIn(visit)
  await press(visit.page, 'Allow')
  const button = visit.page.getByRole('button', { name: 'Copy: Code' })
  await button.click()
  await visit.page.getByRole('status').getByText('Copied').waitFor()
  const copied = await visit.page.evaluate('navigator.clipboard.readText()')
  expect(copied).toBe(await visit.page.locator('code').textContent())
  expect(copied).toMatch(/^blc_\w{43}$/)
})

test.each([
  ['a private-use scheme', 'com.example.tempo:/callback'],
  ["the Android client's urn:", 'urn:/audio.funkwhale.funkwhale-android/oauth/callback'],
])('the browser is let go to %s (S3, S70)', async (_name, redirectUri) => {
  const visit = await stage.arrive(redirectUri)
  await logIn(visit)
  await press(visit.page, 'Allow')
  await expect.poll(() => visit.foreign).toEqual([expect.stringContaining(`${redirectUri}?code=blc_`)])
  expect(visit.complaints.filter((text) => /Content Security Policy/.test(text))).toEqual([])
})

test('a stranger whose app asks for nonsense gets back to it by the login (RFC 9700 §4.11.2)', async () => {
  const { page, client, user } = await stage.arrive()
  await page.goto(stage.pod.url + authorizationUrl(client, { scope: 'nonsense', state }))
  await page.getByLabel('Username or e-mail address').fill(user.username)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Log in')
  expect(await answerAt(stage, page)).toMatchObject({ error: 'invalid_scope', state })
})

test('a page that did not name the app in form-action would keep the browser back (S70)', async () => {
  const visit = await stage.arrive()
  await logIn(visit)
  await visit.page.route('**/authorize?*', async (route) => {
    const response = await route.fetch()
    const policy = response.headers()['content-security-policy'] ?? ''
    const headers = { ...response.headers(), 'content-security-policy': policy.replace(/ http:\S+/, '') }
    await route.fulfill({ response, headers })
  })
  await visit.page.reload()
  await press(visit.page, 'Allow')
  await expect.poll(() => visit.complaints.join()).toContain('form-action')
  expect(visit.page.url()).not.toContain(stage.app.callback)
})

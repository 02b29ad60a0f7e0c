import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { pageFaults } from '../support/axe.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient } from '../support/factories.ts'
import { linkIn, type Mailbox, mailboxOf } from '../support/mailbox.ts'
import { authorizationUrl, exchange } from '../support/oauth-flow.ts'
import { answerAt, openStage, press, type Stage, state } from '../support/stage.ts'

let stage: Stage
let mailbox: Mailbox
beforeAll(async () => {
  stage = await openStage()
  mailbox = mailboxOf(stage.pod)
})
afterAll(() => stage?.close())
beforeEach(async () => {
  await emptyDatabase(stage.pod.db)
  await stage.pod.services.settings.change({ users__registration_enabled: true })
})

const first = 'seven purple otters sing'
const second = 'eight green herons listen'

async function newPage(options: BrowserContextOptions): Promise<Page> {
  const context = await stage.chromium.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return page
}

const open = (page: Page, path: string) => page.goto(stage.pod.url + path)

async function openMailedLink(page: Page): Promise<void> {
  const [mail] = await mailbox.open()
  await open(page, linkIn(mail))
}

async function signUp(page: Page): Promise<void> {
  await open(page, '/login')
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByLabel('Username').fill('alice')
  await page.getByLabel('E-mail address').fill('alice@example.org')
  await page.getByLabel('Password').fill(first)
  await press(page, 'Create the account')
}

async function logIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('Username or e-mail address').fill('alice')
  await page.getByLabel('Password').fill(password)
  await press(page, 'Log in')
}

const callMe = (token: string | null) =>
  fetch(`${stage.pod.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })

test.each([true, false])(
  'sign up, confirm, make an application, let another one in, take it back (JavaScript: %s)',
  async (javaScriptEnabled) => {
    const page = await newPage({ javaScriptEnabled })
    await signUp(page)
    await openMailedLink(page)
    await press(page, 'Yes, confirm it')
    await page.getByRole('heading', { name: 'Your e-mail address is confirmed' }).waitFor()
    await open(page, '/logout')
    await page.getByRole('main').getByRole('button', { name: 'Log out' }).click()
    await open(page, '/login')
    await logIn(page, first)

    await open(page, '/settings/applications/new')
    await page.getByLabel('Name').fill('My script')
    await press(page, 'Create application')
    const answer = await callMe(await page.locator('#access-token').textContent())
    expect((await answer.json()).username).toBe('alice')

    const tempo = await aClient(stage.pod.db, { name: 'Tempo', redirectUris: [stage.app.callback] })
    await open(page, authorizationUrl(tempo, { state }))
    await page.getByLabel('See your favorites').uncheck()
    await press(page, 'Allow')
    const { code = '' } = await answerAt(stage, page)
    const { access_token, scope } = (await exchange(stage.pod, tempo, code)).json()
    expect(scope.split(' ')).not.toContain('read:favorites')
    expect((await callMe(access_token)).status).toBe(200)

    await open(page, '/settings/authorized-apps')
    await page.getByRole('link', { name: 'Change or end access Tempo' }).click()
    await press(page, 'End all access')
    await page.getByText('No app has access to your account.').waitFor()
    expect((await callMe(access_token)).status).toBe(401)
  },
)

test('a forgotten password is set anew by a mailed link', async () => {
  const page = await newPage({})
  await signUp(page)
  await openMailedLink(page)
  await press(page, 'Yes, confirm it')
  await page.context().clearCookies()
  await open(page, '/auth/password/reset')
  await page.getByLabel('E-mail address').fill('alice@example.org')
  await press(page, 'Mail me a link')
  await openMailedLink(page)
  await page.getByLabel('New password').fill(second)
  await press(page, 'Set the password')
  await open(page, '/login')
  await logIn(page, first)
  await page.getByRole('alert').waitFor()
  await logIn(page, second)
  await page.waitForURL(`${stage.pod.url}/`)
})

const looks = [390, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

test.each(looks)('the pages on the way into an account pass axe, and fit, at $width px, $colorScheme', async (look) => {
  const page = await newPage({ viewport: { width: look.width, height: 800 }, colorScheme: look.colorScheme })
  const check = async (name: string) => expect([name, ...(await pageFaults(page, name))]).toEqual([name])
  await open(page, '/signup')
  await check('sign up')
  await signUp(page)
  await check('after sign up')
  await openMailedLink(page)
  await check('confirm')
  await press(page, 'Yes, confirm it')
  await check('confirmed')
  await open(page, '/auth/email/confirm?key=wrong')
  await check('dead confirmation link')
  await page.context().clearCookies()
  await open(page, '/auth/password/reset')
  await check('ask for a reset')
  await page.getByLabel('E-mail address').fill('alice@example.org')
  await press(page, 'Mail me a link')
  await check('reset mailed')
  await openMailedLink(page)
  await check('set a password')
  await open(page, '/auth/password/reset/confirm?uid=MQ&token=wrong')
  await check('dead reset link')
})

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'
import { openStage, press, type Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())
beforeEach(() => emptyDatabase(stage.pod.db))

const looks = [390, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

async function openExplorer(options: Parameters<Stage['chromium']['newContext']>[0] = {}) {
  const context = await stage.chromium.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${stage.pod.url}/api/docs`)
  await page.locator('.opblock-tag').first().waitFor()
  return { context, page, complaints }
}

const chapter = (page: Page, name: string) => page.locator(`#operations-tag-${name}`)

test('“Authorize” gets a token by the authorization code flow, and “Execute” uses it', async () => {
  const user = await aUser(stage.pod.db)
  const { context, page, complaints } = await openExplorer()
  await page.getByRole('button', { name: 'Authorize' }).first().click()
  const dialog = page.locator('.dialog-ux')
  const opened = context.waitForEvent('page')
  await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
  const login = await opened
  await login.getByLabel('Username or e-mail address').fill(user.username)
  await login.getByLabel('Password').fill(password)
  await press(login, 'Log in')
  await login.getByRole('button', { name: 'Allow' }).click()
  await dialog
    .getByRole('button', { name: /logout/i })
    .or(dialog.getByText('Logout'))
    .first()
    .waitFor()
  await dialog.getByRole('button', { name: 'Close' }).first().click()

  await chapter(page, 'Accounts').click()
  await page.locator('#operations-Accounts-getApiV1UsersMe').click()
  await page.getByRole('button', { name: 'Try it out' }).click()
  await page.getByRole('button', { name: 'Execute' }).click()
  const answer = page.locator('.live-responses-table .response').first()
  await answer.waitFor()
  expect(await answer.textContent()).toContain('200')
  expect(await answer.textContent()).toContain(user.email)
  expect(complaints).toEqual([])
})

test.each(looks)('the explorer fits at $width px, $colorScheme', async ({ width, colorScheme }) => {
  const { page, complaints } = await openExplorer({ viewport: { width, height: 900 }, colorScheme })
  await chapter(page, 'Accounts').click()
  await page.screenshot({ path: `screenshots/explorer-${width}-${colorScheme}.png` })
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  expect(complaints).toEqual([])
})

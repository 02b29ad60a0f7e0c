import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageFaults } from '../support/axe.ts'
import { authorizationUrl } from '../support/oauth-flow.ts'
import { logIn, openStage, press, type Stage, type Visit } from '../support/stage.ts'

const oob = 'urn:ietf:wg:oauth:2.0:oob'
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

/** The pages in an order in which a user may meet them: name, heading, and what leads there from the one before. */
const way: [string, string, (visit: Visit) => Promise<unknown>][] = [
  ['login', 'Log in to ', async () => {}],
  ['failed login', 'Log in to ', async (visit) => failToLogIn(visit)],
  ['consent', 'Let Tempo use your account?', logIn],
  ['nothing chosen', 'Let Tempo use your account?', ({ page }) => untickAll(page).then(() => press(page, 'Allow'))],
  ['code', 'Your code for Tempo', ({ page }) => tickFirst(page).then(() => press(page, 'Allow'))],
  ['consent again', 'Let Tempo use your account?', ({ page, client }) => open(page, authorizationUrl(client))],
  ['denied', 'Tempo got no access', ({ page }) => press(page, 'Deny')],
  ['request without a client', 'This request cannot be answered', ({ page }) => open(page, '/authorize')],
  ['unknown address', 'There is nothing here', ({ page }) => open(page, '/nowhere')],
  ['device', 'Connect a device', ({ page }) => open(page, '/device')],
  ['start', 'A place for music', ({ page }) => open(page, '/')],
  ['log-out', 'Log out?', ({ page }) => open(page, '/logout')],
  ['logged out', 'You are logged out', ({ page }) => page.getByRole('main').getByRole('button').click()],
]

const open = (page: Page, path: string) => page.goto(stage.pod.url + path)

async function failToLogIn({ page }: Visit): Promise<void> {
  await page.getByLabel('Username or e-mail address').fill('nobody')
  await page.getByLabel('Password').fill('wrong password')
  await press(page, 'Log in')
  await page.getByRole('alert').waitFor()
}

async function untickAll(page: Page): Promise<void> {
  for (const box of await page.getByRole('checkbox').all()) await box.uncheck()
}

const tickFirst = (page: Page) => page.getByRole('checkbox').first().check()

const looks = [390, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

test.each(looks)('every page is free of what axe finds, and fits, at $width px, $colorScheme', async (look) => {
  const { width, colorScheme } = look
  const visit = await stage.arrive(oob, { viewport: { width, height: 800 }, colorScheme })
  const { page } = visit
  for (const [name, heading, go] of way) {
    await go(visit)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    expect([name, ...(await pageFaults(page, name))]).toEqual([name])
  }
  expect(visit.foreign).toEqual([])
})

test('the checker finds what is wrong, as this page shows', async () => {
  const { page } = await stage.arrive()
  await page.goto('about:blank')
  await page.setContent('<title>x</title><h1>x</h1><img src="x"><p style="color: #999; width: 9000px">Hard to read</p>')
  const faults = (await pageFaults(page, 'faulty')).join()
  for (const fault of ['image-alt', 'color-contrast', 'html-has-lang', 'wider']) expect(faults).toContain(fault)
})

test('a page takes 50 kB at most when nothing is in the cache, all from this pod', async () => {
  const visit = await stage.arrive()
  const { page, foreign } = visit
  await logIn(visit)
  const tools = await page.context().newCDPSession(page)
  await tools.send('Network.enable')
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true })
  const sizes: number[] = []
  tools.on('Network.loadingFinished', ({ encodedDataLength }) => sizes.push(encodedDataLength))
  await page.reload({ waitUntil: 'networkidle' })
  const total = sizes.reduce((sum, size) => sum + size, 0)
  expect(sizes.length).toBeGreaterThanOrEqual(3)
  expect(total).toBeGreaterThan(10_000)
  expect(total).toBeLessThan(50_000)
  expect(foreign).toEqual([])
})

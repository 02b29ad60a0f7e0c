import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageFaults } from '../support/axe.ts'
import { aClient, aUser } from '../support/factories.ts'
import { someTokens } from '../support/oauth-flow.ts'
import { openStage, press, type Stage, signIn } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const paths = [
  '/settings',
  '/settings/password',
  '/settings/email',
  '/settings/sessions',
  '/settings/authorized-apps',
  '/settings/applications',
  '/settings/applications/new',
  '/settings/security',
  '/settings/delete-account',
]

const looks = [320, 390, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

/** A page of a new browser in which a user is signed in who has an app and has let one in. */
async function atHome(options: object): Promise<{ page: Page; clientId: string; appId: string }> {
  const user = await aUser(stage.pod.db)
  const own = await aClient(stage.pod.db, { name: 'My script', ownerId: user.id })
  const app = await aClient(stage.pod.db, { name: 'Tempo' })
  await someTokens(stage.pod, app, { user })
  const page = await signIn(stage, user, options)
  return { page, clientId: own.client.clientId, appId: app.client.clientId }
}

test.each(looks)(
  'every settings page is free of what axe finds, and fits, at $width px, $colorScheme',
  async (look) => {
    const { width, colorScheme } = look
    const { page, clientId, appId } = await atHome({ viewport: { width, height: 800 }, colorScheme })
    const own = [`/settings/applications/${clientId}/edit`, `/settings/applications/${clientId}/delete`]
    for (const path of [...paths, ...own, `/settings/authorized-apps/${appId}`]) {
      await page.goto(stage.pod.url + path)
      const name = path.replaceAll(clientId, 'mine').replaceAll(appId, 'app')
      expect([path, ...(await pageFaults(page, name))]).toEqual([path])
    }
  },
)

test.each([true, false])('an application is made and its token works (JavaScript: %s)', async (javaScriptEnabled) => {
  const { page } = await atHome({ javaScriptEnabled })
  await page.goto(`${stage.pod.url}/settings/applications/new`)
  await page.getByLabel('Name').fill('My second script')
  await page.getByLabel('See: Everything below').uncheck()
  await page.getByLabel('See: Profile').check()
  await press(page, 'Create application')
  const token = await page.locator('#access-token').textContent()
  const answer = await fetch(`${stage.pod.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })
  expect([answer.status, (await answer.json()).tokens]).toEqual([200, {}])
  await page.reload()
  expect(await page.locator('#access-token').count()).toBe(0)
})

test('access that was given is seen, narrowed and ended', async () => {
  const { page } = await atHome({})
  await page.goto(`${stage.pod.url}/settings/authorized-apps`)
  await page.getByRole('link', { name: 'Change or end access Tempo' }).click()
  await page.getByLabel('See your favorites').uncheck()
  await press(page, 'Save')
  await page.getByRole('status').getByText('Saved.').waitFor()
  expect(await page.getByLabel('See your favorites').count()).toBe(0)
  await press(page, 'End all access')
  await page.getByText('No app has access to your account.').waitFor()
})

test('nothing moves while a page loads, and it takes 50 kB at most', async () => {
  const { page } = await atHome({})
  for (const path of paths) {
    const { bytes, shift } = await weigh(page, stage.pod.url + path)
    expect(bytes, path).toBeGreaterThan(5_000)
    expect(bytes, path).toBeLessThan(50_000)
    expect(shift, path).toBe(0)
  }
})

/** What a page costs when nothing is in the cache, and how much its parts move (Cumulative Layout Shift). */
async function weigh(page: Page, url: string): Promise<{ bytes: number; shift: number }> {
  const tools = await page.context().newCDPSession(page)
  await tools.send('Network.enable')
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true })
  let bytes = 0
  tools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))
  await page.goto(url, { waitUntil: 'networkidle' })
  const shift = await page.evaluate<number>(`new Promise((resolve) => {
    let total = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) total += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => resolve(total), 100)
  })`)
  await tools.detach()
  return { bytes, shift }
}

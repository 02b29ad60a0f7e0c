import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { User } from '../../src/db/generated/client.ts'
import type { Registered } from '../../src/oauth/clients/clients.ts'
import { listeningApp, type TestApp } from './app.ts'
import { type ClientSite, openChromium, openClientSite } from './chromium.ts'
import { aClient, aUser, password } from './factories.ts'
import { authorizationUrl } from './oauth-flow.ts'

/** A browser in which an app has sent its user to the pod. */
export interface Visit {
  page: Page
  client: Registered
  user: User
  /** Addresses that are neither the pod's nor the app's. */
  foreign: string[]
  /** What the browser had to say about the pages, in its console. */
  complaints: string[]
}

/** A pod that listens, a third party's web app beside it, and a Chromium. */
export interface Stage {
  pod: TestApp & { url: string }
  app: ClientSite
  chromium: Browser
  /** With a new browser profile, to the authorization endpoint. */
  arrive(redirectUri?: string, options?: BrowserContextOptions): Promise<Visit>
  close(): Promise<void>
}

export const state = 'a+b/c='

export async function openStage(): Promise<Stage> {
  const chromium = await openChromium()
  const pod = await listeningApp()
  const app = await openClientSite()
  return {
    pod,
    app,
    chromium,
    arrive: async (redirectUri = app.callback, options = {}) => {
      const client = await aClient(pod.db, { name: 'Tempo', redirectUris: [redirectUri] })
      const context = await chromium.newContext(options)
      onTestFinished(() => context.close())
      const page = await context.newPage()
      page.setDefaultTimeout(10_000)
      const visit = { page, client, user: await aUser(pod.db), ...listenTo(page, [pod.url, app.callback]) }
      await page.goto(pod.url + authorizationUrl(client, { state }))
      return visit
    },
    close: async () => {
      await chromium.close()
      await Promise.all([pod.close(), app.close()])
    },
  }
}

function listenTo(page: Page, own: string[]): Pick<Visit, 'foreign' | 'complaints'> {
  const origins = own.map((url) => new URL(url).origin)
  const foreign: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) foreign.push(request.url())
  })
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  return { foreign, complaints }
}

/** Fills in the login form, up to the consent page. */
export async function logIn({ page, user }: Pick<Visit, 'page' | 'user'>): Promise<void> {
  await page.getByLabel('Username or e-mail address').fill(user.username)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Log in')
  await page.getByRole('heading', { name: 'Let Tempo use your account?' }).waitFor()
}

/** A page of a new browser in which this user is signed in. */
export async function signIn({ chromium, pod }: Stage, user: User, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(`${pod.url}/login`)
  await page.getByLabel('Username or e-mail address').fill(user.username)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Log in')
  await page.waitForURL(`${pod.url}/`)
  return page
}

export function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click()
}

/** What the app got, once the browser is there. */
export async function answerAt({ app }: Stage, page: Page): Promise<Record<string, string>> {
  await page.waitForURL(`${app.callback}?**`)
  return app.visits.at(-1)?.parameters ?? {}
}

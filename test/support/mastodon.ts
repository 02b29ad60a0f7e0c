import type { LightMyRequestResponse } from 'fastify'
import type { NewClient } from '../../src/oauth/clients/clients.ts'
import type { TestApp } from './app.ts'
import type { Browser, Page } from './browser.ts'
import { aClient } from './factories.ts'
import { authorizationUrl, type Changes } from './oauth-flow.ts'
import { type Headers, json, send } from './requests.ts'

type App = Awaited<ReturnType<typeof aClient>>

/** A client as POST /api/v1/apps registers it. */
export function anApp(pod: Pick<TestApp, 'db'>, given: Partial<NewClient> = {}): Promise<App> {
  const grantTypes = ['authorization_code', 'client_credentials']
  return aClient(pod.db, { origin: 'mastodon', grantTypes, ...given })
}

/** Where an app sends its user: scope `read`, the first redirect URI, state `xyz`. */
export function appUrl(app: Pick<App, 'client'>, changes: Changes = {}): string {
  return `/oauth${authorizationUrl(app, changes)}`
}

/** Where a signed-in browser ends up when its user presses Allow. */
export async function allow(browser: Browser, app: Pick<App, 'client'>, changes: Changes = {}): Promise<Page> {
  return browser.submit(await browser.get(appUrl(app, changes)), '/oauth/authorize', { decision: 'allow' })
}

/** The code that `allow` ends in. */
export async function allowedCode(browser: Browser, app: Pick<App, 'client'>, changes: Changes = {}): Promise<string> {
  const { url, text } = await allow(browser, app, changes)
  const code = new URL(url, 'https://pod.example').searchParams.get('code')
  if (code === null) throw new Error(`no code in ${url}: ${text}`)
  return code
}

/** Posts JSON to an endpoint below /oauth as this app, with its credentials in the body; an undefined field is not sent. */
export async function postAsApp(
  pod: Pick<TestApp, 'app'>,
  { client, secret }: App,
  endpoint: 'token' | 'revoke',
  fields: Record<string, unknown>,
  headers: Headers = {},
): Promise<LightMyRequestResponse> {
  const body = json({ client_id: client.clientId, client_secret: secret, ...fields })
  return send(pod, 'POST', `/oauth/${endpoint}`, { body, headers })
}

/** Trades a code for a token. */
export function exchangeAsApp(
  pod: Pick<TestApp, 'app'>,
  app: App,
  code: string,
  changes: Record<string, unknown> = {},
) {
  const usual = { grant_type: 'authorization_code', code, redirect_uri: app.client.redirectUris[0] }
  return postAsApp(pod, app, 'token', { ...usual, ...changes })
}

import { createHash, randomBytes } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import type { User } from '../../src/db/generated/client.ts'
import { issueCode } from '../../src/oauth/authorization/codes.ts'
import type { Registered } from '../../src/oauth/clients/clients.ts'
import type { TestApp } from './app.ts'
import type { Browser, Page } from './browser.ts'
import { aUser, password } from './factories.ts'

type Pod = Pick<TestApp, 'app' | 'db' | 'browser'>

/** Sent in place of what the helper would send; `undefined` leaves a parameter out, a list sends it more than once. */
export type Changes = Record<string, string | string[] | undefined>

/** A PKCE pair, S256 (RFC 7636 §4.2). */
export function newPkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** A user with a browser that is logged in as them. */
export async function signedIn(pod: Pod, given: Partial<User> = {}): Promise<{ user: User; browser: Browser }> {
  const user = await aUser(pod.db, given)
  const browser = pod.browser()
  await browser.logIn(user.username, password)
  return { user, browser }
}

/** The address a client sends its user to (RFC 6749 §4.1.1): scope `read`, the first redirect URI, state `xyz`, no PKCE. */
export function authorizationUrl({ client }: Registered, changes: Changes = {}): string {
  const redirectUri = client.redirectUris[0]
  const usual = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: 'read',
    state: 'xyz',
  }
  return `/authorize?${formOf({ ...usual, ...changes })}`
}

/** Where a signed-in browser ends up when its user presses Allow: the redirect URI with `code`, `state` and `iss`. */
export async function authorize(
  browser: Browser,
  registered: Registered,
  changes: Changes = {},
  fields: Record<string, string | string[] | undefined> = {},
): Promise<URL> {
  const page = await browser.get(authorizationUrl(registered, changes))
  return addressOf(await browser.submit(page, '/authorize', { decision: 'allow', ...fields }))
}

function addressOf({ url, status, text }: Page): URL {
  if (!URL.canParse(url)) throw new Error(`not redirected to the client, but ${status} on ${url}: ${text}`)
  return new URL(url)
}

interface CodeChoices {
  user?: User
  scopes?: string[]
  redirectUri?: string
  /** As sent at the authorization endpoint; null = it was left out. */
  requestedRedirectUri?: string | null
  challenge?: string
  lifetimeSeconds?: number
}

/** A code that a user (a new one, if none is given) has allowed, without the way through the pages. */
export async function aCode({ db }: Pod, { client }: Registered, choices: CodeChoices = {}): Promise<string> {
  const redirectUri = choices.redirectUri ?? client.redirectUris[0] ?? ''
  const requested = choices.requestedRedirectUri === undefined ? redirectUri : choices.requestedRedirectUri
  const user = choices.user ?? (await aUser(db))
  return issueCode(db, {
    userId: user.id,
    clientId: client.id,
    redirectUri,
    requestedRedirectUri: requested ?? undefined,
    scopes: choices.scopes ?? ['read'],
    codeChallenge: choices.challenge,
    lifetimeSeconds: choices.lifetimeSeconds ?? 300,
  })
}

/** Posts a form to an endpoint below /api/v1/oauth as this client, with its credentials in the body. */
export async function postAs(
  { app }: Pod,
  { client, secret }: Registered,
  endpoint: 'token' | 'revoke' | 'introspect' | 'device_authorization',
  parameters: Changes,
): Promise<LightMyRequestResponse> {
  const credentials = { client_id: client.clientId, client_secret: secret || undefined }
  return app.inject({
    method: 'POST',
    url: `/api/v1/oauth/${endpoint}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: formOf({ ...credentials, ...parameters }),
  })
}

/** Trades a code for tokens (RFC 6749 §4.1.3). */
export async function exchange(pod: Pod, registered: Registered, code: string, changes: Changes = {}) {
  const redirectUri = registered.client.redirectUris[0]
  const usual = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
  return postAs(pod, registered, 'token', { ...usual, ...changes })
}

/** Trades a refresh token for its successor (RFC 6749 §6). */
export async function refresh(pod: Pod, registered: Registered, refreshToken: string, changes: Changes = {}) {
  return postAs(pod, registered, 'token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...changes })
}

/** The answer of the token endpoint when all went well (RFC 6749 §5.1). */
export interface Tokens {
  access_token: string
  refresh_token: string
  scope: string
  expires_in: number
}

/** Tokens that a user (a new one, if none is given) has allowed a client with a secret. */
export async function someTokens(pod: Pod, registered: Registered, choices: CodeChoices = {}): Promise<Tokens> {
  const response = await exchange(pod, registered, await aCode(pod, registered, choices))
  if (response.statusCode !== 200) throw new Error(`no tokens: ${response.body}`)
  return response.json()
}

/** What a guarded resource answers to this token: 200 if it is live and has `read:profile`. */
export async function useToken({ app }: Pod, accessToken: string): Promise<LightMyRequestResponse> {
  return app.inject({ url: '/api/v1/users/me/', headers: { authorization: `Bearer ${accessToken}` } })
}

export function formOf(fields: Changes): string {
  const pairs = Object.entries(fields).flatMap(([name, values]) => [values ?? []].flat().map((value) => [name, value]))
  return new URLSearchParams(pairs as [string, string][]).toString()
}

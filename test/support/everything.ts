import { deviceCodeGrant, type Registered } from '../../src/oauth/clients/clients.ts'
import type { TestApp } from './app.ts'
import type { Browser } from './browser.ts'
import { password } from './factories.ts'
import { authorizationUrl, type Changes, exchange, newPkce, postAs, refresh, signedIn, useToken } from './oauth-flow.ts'
import { asScript, basic, bearer, json, send } from './requests.ts'

/** Everything that must be known to its holder alone, by what it is. */
export type Secrets = Map<string, string>

interface Run {
  pod: TestApp
  secrets: Secrets
  /** Notes a secret and returns it. */
  keep(name: string, secret: unknown): string
}

/** Goes through every way to get and use secrets, mistakes included; returns all that were handed out or typed. */
export async function runEverything(pod: TestApp): Promise<Secrets> {
  const secrets: Secrets = new Map()
  const keep = (name: string, secret: unknown) => {
    if (typeof secret !== 'string' || secret.length < 8) throw new Error(`no ${name}`)
    secrets.set(name, secret)
    return secret
  }
  const run: Run = { pod, secrets, keep }
  keep('password', password)
  const mistyped = keep('mistyped password', 'correct horse batery')
  await pod.browser().logIn('alice', mistyped)
  const { browser } = await signedIn(pod, { username: 'alice' })
  await pod.browser().logIn('alice', mistyped)
  keep('session id', browser.cookies.get('sessionid'))
  keep('CSRF token', browser.cookies.get('csrftoken'))
  const client = await registerOwned(run, browser)
  await runCodeFlow(run, client, browser)
  await runOutOfBand(run, browser)
  await runDeviceFlow(run, client, browser)
  await doWrong(run, client)
  return secrets
}

async function registerOwned({ pod, keep }: Run, browser: Browser): Promise<Registered> {
  const uri = 'https://app.example/callback'
  const body = json({ name: 'App', redirect_uris: uri, scopes: 'read write' })
  const owned = (await send(pod, 'POST', '/api/v1/oauth/apps', { body, headers: { ...asScript(browser) } })).json()
  const applicationToken = keep('application token', owned.token)
  keep('client secret', owned.client_secret)
  await useToken(pod, applicationToken)
  const dynamic = await send(pod, 'POST', '/api/v1/oauth/register', { body: json({ redirect_uris: [uri] }) })
  keep('client secret of RFC 7591', dynamic.json().client_secret)
  const client = await pod.db.client.findUniqueOrThrow({ where: { clientId: owned.client_id } })
  return { client, secret: owned.client_secret, applicationToken }
}

async function allow(
  { keep }: Run,
  browser: Browser,
  { client, name, changes = {} }: { client: Registered; name: string; changes?: Changes },
) {
  const page = await browser.get(authorizationUrl(client, changes))
  keep(`${name} request id`, page.html.querySelector('input[name=request_id]')?.getAttribute('value'))
  return browser.submit(page, '/authorize', { decision: 'allow' })
}

async function runCodeFlow(run: Run, client: Registered, browser: Browser): Promise<void> {
  const { pod, keep } = run
  const { verifier, challenge } = newPkce()
  const asked = {
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: keep('state', 'state-of-the-client'),
  }
  const answer = new URL((await allow(run, browser, { client, name: 'first', changes: asked })).url)
  const code = keep('code', answer.searchParams.get('code'))
  const changes = { code_verifier: keep('code verifier', verifier) }
  const first = (await exchange(pod, client, code, changes)).json()
  keep('access token', first.access_token)
  keep('listen token', (await useToken(pod, first.access_token)).json().tokens.listen)
  const next = (await refresh(pod, client, keep('refresh token', first.refresh_token))).json()
  const again = (await refresh(pod, client, first.refresh_token)).json()
  keep('access token of a refresh', next.access_token)
  keep('refresh token of a refresh', next.refresh_token)
  keep('access token of a repeated refresh', again.access_token)
  await useToken(pod, again.access_token)
  await postAs(pod, client, 'introspect', { token: again.access_token })
  // Reuse of the code ends this family; another one stays for the dump.
  await exchange(pod, client, code, changes)
  const last = new URL((await allow(run, browser, { client, name: 'second' })).url)
  const kept = (await exchange(pod, client, keep('second code', last.searchParams.get('code')))).json()
  keep('access token that lives', kept.access_token)
  keep('refresh token that lives', kept.refresh_token)
  const app = (await postAs(pod, client, 'token', { grant_type: 'client_credentials' })).json()
  keep('access token of a client', app.access_token)
}

async function runOutOfBand(run: Run, browser: Browser): Promise<void> {
  const { pod, keep } = run
  const body = json({ name: 'Script', redirect_uris: 'urn:ietf:wg:oauth:2.0:oob' })
  const { client_id } = (await send(pod, 'POST', '/api/v1/oauth/apps', { body })).json()
  const client = await pod.db.client.findUniqueOrThrow({ where: { clientId: client_id } })
  const page = await allow(run, browser, { client: { client }, name: 'oob' })
  keep('code on a page', page.html.querySelector('code')?.textContent)
}

async function runDeviceFlow({ pod, keep }: Run, client: Registered, browser: Browser): Promise<void> {
  const begin = async () => (await postAs(pod, client, 'device_authorization', {})).json()
  const [waiting, device] = [await begin(), await begin()]
  keep('user code that waits', waiting.user_code)
  const page = await browser.get(`/device?user_code=${keep('user code', device.user_code)}`)
  await browser.submit(await browser.submit(page, '/device'), '/device', { decision: 'allow' })
  const parameters = { grant_type: deviceCodeGrant, device_code: keep('device code', device.device_code) }
  keep('access token of a device', (await postAs(pod, client, 'token', parameters)).json().access_token)
}

/** What clients do by mistake, and what goes wrong in the pod, ends up in logs most easily. */
async function doWrong({ pod, secrets, keep }: Run, client: Registered): Promise<void> {
  const token = secrets.get('access token that lives') ?? ''
  const refreshToken = secrets.get('refresh token that lives') ?? ''
  const { clientId } = client.client
  await postAs(pod, client, 'token', {
    grant_type: 'refresh_token',
    client_secret: keep('wrong secret', 'bls_mistake'),
  })
  await send(pod, 'POST', '/api/v1/oauth/revoke', { headers: basic(clientId, secrets.get('wrong secret') ?? '') })
  for (const url of [
    '/api/v1/users/me',
    '/nowhere',
    '/api/nowhere',
    '/authorize',
    '/api/v1/oauth/authorize',
    '/login',
  ]) {
    await send(pod, 'GET', `${url}?access_token=${token}&code=${refreshToken}`)
    await send(pod, 'GET', `${url}?token=${token}`, { headers: bearer(token) })
  }
  await send(pod, 'POST', `/api/v1/oauth/token?refresh_token=${refreshToken}`)
  for (const payload of [`{"token":"${token}"`, `{"token":${token}}`, `{"${token}":{"__proto__":1}}`]) {
    const headers = { 'content-type': 'application/json' }
    await pod.app.inject({ method: 'POST', url: '/api/v1/oauth/revoke', headers, payload })
  }
  await send(pod, 'POST', '/api/v1/oauth/token', { body: json({ refresh_token: [refreshToken], scope: { a: token } }) })
  await pod.db.$executeRaw`ALTER TABLE tokens RENAME TO tokens_away`
  try {
    await refresh(pod, client, refreshToken)
    await useToken(pod, token)
  } finally {
    await pod.db.$executeRaw`ALTER TABLE tokens_away RENAME TO tokens`
  }
}

import { createOAuthAPIClient, createRestAPIClient } from 'masto'
import { detector, Gotosocial, Mastodon } from 'megalodon'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listeningApp, type TestApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'

let pod: TestApp & { url: string }
beforeAll(async () => {
  // The libraries see the headers of a pod that limits.
  pod = await listeningApp({ throttlingEnabled: true })
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await aUser(pod.db, { username: 'alice' })
})

/** What alice's browser makes of an authorization URL: where it ends up once she has logged in and pressed Allow. */
async function allow(authorizationUrl: string) {
  const browser = pod.browser()
  const { pathname, search, origin } = new URL(authorizationUrl)
  expect(origin).toBe(pod.url)
  const login = await browser.get(pathname + search)
  const consent = await browser.submit(login, '/login', { username: 'alice', password })
  return browser.submit(consent, '/oauth/authorize', { decision: 'allow' })
}

const scopes = ['read', 'write', 'follow', 'push']
const redirectUri = 'https://client.example/callback?from=pod'

describe('masto', () => {
  const register = (redirectUris: string) =>
    createRestAPIClient({ url: pod.url }).v1.apps.create({
      clientName: 'Masto',
      redirectUris,
      scopes: scopes.join(' '),
      website: 'https://client.example',
    })
  const secretsOf = ({ clientId, clientSecret }: Awaited<ReturnType<typeof register>>) => {
    if (!clientId || !clientSecret) throw new Error('no client')
    return { clientId, clientSecret }
  }
  const authorizationUrl = (client_id: string, redirect_uri: string) => {
    const query = { response_type: 'code', client_id, redirect_uri, scope: scopes.join(' '), state: 's' }
    return `${pod.url}/oauth/authorize?${new URLSearchParams(query)}`
  }

  test('registers, authorizes, gets a token, uses it and revokes it', async () => {
    const app = await register(redirectUri)
    const { clientId, clientSecret } = secretsOf(app)
    const answer = new URL((await allow(authorizationUrl(clientId, app.redirectUris?.[0] ?? ''))).url)
    expect(answer.searchParams.get('from')).toBe('pod')
    const oauth = createOAuthAPIClient({ url: pod.url })
    const { accessToken, ...token } = await oauth.token.create({
      grantType: 'authorization_code',
      clientId,
      clientSecret,
      redirectUri,
      code: answer.searchParams.get('code') ?? '',
      scope: scopes.join(' '),
    })
    expect(token).toEqual({ tokenType: 'Bearer', scope: scopes.join(' '), createdAt: expect.any(Number) })
    const api = createRestAPIClient({ url: pod.url, accessToken })
    expect((await api.v1.apps.verifyCredentials()).name).toBe('Masto')
    expect((await api.v1.accounts.verifyCredentials()).username).toBe('alice')
    expect(await api.v1.notifications.list()).toEqual([])
    await oauth.revoke({ clientId, clientSecret, token: accessToken })
    await expect(api.v1.accounts.verifyCredentials()).rejects.toMatchObject({ statusCode: 401 })
  })

  test('gets a token for the app itself', async () => {
    const { clientId, clientSecret } = secretsOf(await register(redirectUri))
    const { accessToken } = await createOAuthAPIClient({ url: pod.url }).token.create({
      grantType: 'client_credentials',
      clientId,
      clientSecret,
      redirectUri,
    })
    const api = createRestAPIClient({ url: pod.url, accessToken })
    expect((await api.v1.apps.verifyCredentials()).name).toBe('Masto')
    await expect(api.v1.accounts.verifyCredentials()).rejects.toMatchObject({ statusCode: 422 })
  })

  test('is told what is wrong', async () => {
    await expect(register('javascript:alert(1)')).rejects.toMatchObject({
      statusCode: 422,
      message: expect.stringContaining('redirect_uris'),
    })
  })
})

describe('megalodon', () => {
  test('takes the pod for one of Mastodon’s kind', async () => {
    expect(await detector(pod.url)).toBe('mastodon')
  })

  test.each([
    ['Mastodon', Mastodon, redirectUri],
    ['Mastodon', Mastodon, 'urn:ietf:wg:oauth:2.0:oob'],
    ['GoToSocial', Gotosocial, redirectUri],
    ['GoToSocial', Gotosocial, 'urn:ietf:wg:oauth:2.0:oob'],
  ] as const)(
    'made for %s it registers, authorizes, gets a token, uses it and revokes it, %#',
    async (_, Dialect, redirect_uris) => {
      const visitor = new Dialect(pod.url)
      const app = await visitor.registerApp('Megalodon', { scopes, redirect_uris, website: 'https://client.example' })
      const page = await allow(app.url ?? '')
      const shown = page.html.querySelector('code')?.textContent
      const code = shown ?? new URL(page.url).searchParams.get('code') ?? ''
      const token = await visitor.fetchAccessToken(app.client_id, app.client_secret, code, redirect_uris)
      expect(token).toMatchObject({ token_type: 'Bearer', scope: scopes.join(' '), refresh_token: null })
      const client = new Dialect(pod.url, token.access_token)
      if (client instanceof Mastodon) expect((await client.verifyAppCredentials()).data.name).toBe('Megalodon')
      expect((await client.verifyAccountCredentials()).data).toMatchObject({ username: 'alice', acct: 'alice' })
      expect((await client.getNotifications()).data).toEqual([])
      expect((await client.revokeToken(app.client_id, app.client_secret, token.access_token)).data).toEqual({})
      await expect(client.verifyAccountCredentials()).rejects.toMatchObject({ response: { status: 401 } })
    },
  )
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { authorize, signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

/** A user who has let a client in, and the client's tokens. */
async function anAuthorizedApp(scope: string) {
  const { user, browser } = await signedIn(pod)
  const registered = await aClient(pod.db)
  const { searchParams } = await authorize(browser, registered, { scope })
  const { clientId, redirectUris } = registered.client
  const credentials = { client_id: clientId, client_secret: registered.secret }
  const payload = { grant_type: 'authorization_code', code: searchParams.get('code'), redirect_uri: redirectUris[0] }
  const exchange = (fields: object) =>
    pod.app.inject({ method: 'POST', url: '/api/v1/oauth/token', payload: { ...fields, ...credentials } })
  const tokens = (await exchange(payload)).json()
  const path = `/settings/authorized-apps/${clientId}`
  return { user, browser, tokens, exchange, path }
}

const me = async (token: string) =>
  (await pod.app.inject({ url: '/api/v1/users/me', headers: { authorization: `Bearer ${token}` } })).statusCode

describe('/settings/authorized-apps', () => {
  test('lists apps with what they may do in words', async () => {
    const { browser, path } = await anAuthorizedApp('read:profile write:playlists')
    const page = await browser.get('/settings/authorized-apps')
    expect(page.text).toContain('Test app')
    expect(page.text).toContain('Create, change and delete playlists')
    expect(page.html.querySelector(`a[href="${path}"]`)).not.toBeNull()
  })

  test('says when an app was last used', async () => {
    const { browser, tokens } = await anAuthorizedApp('read:profile')
    expect((await browser.get('/settings/authorized-apps')).text).toContain('Last used never')
    await me(tokens.access_token)
    await pod.services.usage.flush()
    expect((await browser.get('/settings/authorized-apps')).text).toMatch(/Last used \w{3} \d/)
  })

  test('narrowing takes a permission from the token at once, and a refresh does not bring it back', async () => {
    const { browser, tokens, exchange, path } = await anAuthorizedApp('read')
    expect(await me(tokens.access_token)).toBe(200)
    const saved = await browser.submit(await browser.get(path), path, { scopes: ['read:favorites'] })
    expect(saved.text).toContain('Saved.')
    expect(await me(tokens.access_token)).toBe(403)
    const refreshed = (await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).json()
    expect(refreshed.scope).toBe('read:favorites')
    expect(await me(refreshed.access_token)).toBe(403)
  })

  test('narrowing adds nothing that was not allowed', async () => {
    const { browser, tokens, path } = await anAuthorizedApp('read:favorites')
    await browser.submit(await browser.get(path), path, { scopes: ['read:favorites', 'read:profile'] })
    expect(await me(tokens.access_token)).toBe(403)
  })

  test('revoking ends access and refresh token (S45)', async () => {
    const { browser, tokens, exchange, path } = await anAuthorizedApp('read')
    const page = await browser.submit(await browser.get(path), `${path}/revoke`)
    expect(page.text).toContain('No app has access to your account.')
    expect(await me(tokens.access_token)).toBe(401)
    const refreshed = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
    expect(refreshed.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('nobody sees or ends what another user has allowed (S68)', async () => {
    const { tokens, path } = await anAuthorizedApp('read')
    const { browser } = await signedIn(pod)
    const token = { csrfmiddlewaretoken: browser.cookies.get('csrftoken') ?? '' }
    expect((await browser.get(path)).status).toBe(404)
    expect((await browser.post(`${path}/revoke`, token)).status).toBe(404)
    expect(await me(tokens.access_token)).toBe(200)
  })
})

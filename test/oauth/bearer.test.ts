import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { setActive } from '../../src/accounts/users.ts'
import type { User } from '../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { aCode, postAs, refresh, signedIn, someTokens, type Tokens } from '../support/oauth-flow.ts'
import { asScript, basic, bearer, form, type Headers, send } from '../support/requests.ts'

let pod: TestApp
let user: User
let client: Awaited<ReturnType<typeof aClient>>
let tokens: Tokens
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
afterEach(() => vi.useRealTimers())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  client = await aClient(pod.db, { ownerId: user.id })
  tokens = await someTokens(pod, client, { user })
})

const me = '/api/v1/users/me/'
const get = (url: string, headers: Headers = {}) => send(pod, 'GET', url, { headers })
const credentialsDetail = 'Authentication credentials were not provided.'
const invalid = 'Bearer realm="api",error="invalid_token",error_description="The access token is invalid."'
const expired = 'Bearer realm="api",error="invalid_token",error_description="The access token has expired."'

describe('a bearer token (RFC 6750)', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('counts in the header, scheme %s (S41)', async (scheme) => {
    const answer = await get(me, { authorization: `${scheme} ${tokens.access_token}` })
    expect([answer.statusCode, answer.json().id]).toEqual([200, user.id])
  })

  test.each(['access_token', 'token', 'bearer_token'])('is no credential in a query: %s (S41)', async (name) => {
    const answer = await get(`${me}?${name}=${tokens.access_token}`)
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
  })

  test('is no credential in a body (S41)', async () => {
    const url = `/api/v1/oauth/grants/${client.client.clientId}`
    const body = form({ access_token: client.applicationToken ?? '', token: tokens.access_token })
    expect((await send(pod, 'DELETE', url, { body })).statusCode).toBe(401)
  })

  test('in more than one way is 400 (S41)', async () => {
    const headers = bearer(tokens.access_token)
    const url = '/api/v1/oauth/apps/'
    const body = form({ name: 'x', access_token: tokens.access_token })
    for (const answer of [
      await get(`${me}?access_token=x`, headers),
      await send(pod, 'POST', url, { body, headers }),
    ]) {
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toEqual({ detail: 'The access token was sent in more than one way.' })
    }
    const mastodon = await get('/api/v1/accounts/verify_credentials?access_token=x', headers)
    expect([mastodon.statusCode, mastodon.json()]).toEqual([
      400,
      { error: 'The access token was sent in more than one way.' },
    ])
  })

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer\ta'])(
    'that is malformed is 400: %j (S28)',
    async (authorization) => {
      expect((await get(me, { authorization })).statusCode).toBe(400)
    },
  )

  test.each(['Basic dXNlcjpwYXNzd29yZA==', 'Token x', 'bearerx y', 'Digest a=b'])(
    '%s is another scheme, and no credential here',
    async (authorization) => {
      const answer = await get(me, { authorization })
      expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
    },
  )

  test('guards HEAD like GET (S41)', async () => {
    const head = (headers?: Headers) => send(pod, 'HEAD', me, { headers: headers ?? {} })
    expect((await head()).statusCode).toBe(401)
    expect((await head(bearer('x'))).headers['www-authenticate']).toBe(invalid)
    const narrow = await someTokens(pod, client, { user, scopes: ['write'] })
    expect((await head(bearer(narrow.access_token))).statusCode).toBe(403)
    expect([(await head(bearer(tokens.access_token))).statusCode]).toEqual([200])
  })
})

describe('the 401 of a guarded route (RFC 6750 §3)', () => {
  test('has a bare challenge without credentials', async () => {
    const answer = await get(me)
    expect([answer.statusCode, answer.json()]).toEqual([401, { detail: credentialsDetail }])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('tells an expired token from an invalid one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + (tokens.expires_in - 1) * 1000)
    expect((await get(me, bearer(tokens.access_token))).statusCode).toBe(200)
    vi.setSystemTime(Date.now() + 1000)
    const answer = await get(me, bearer(tokens.access_token))
    expect([answer.statusCode, answer.json()]).toEqual([401, { detail: credentialsDetail, code: 'invalid_token' }])
    expect(answer.headers['www-authenticate']).toBe(expired)
  })

  test('is the same for tokens that are made up, revoked, or something else (S42)', async () => {
    const session = await signedIn(pod)
    const code = await aCode(pod, client, { user })
    const revoked = await someTokens(pod, client, { user })
    await postAs(pod, client, 'revoke', { token: revoked.access_token })
    const rotated = tokens.access_token
    await refresh(pod, client, tokens.refresh_token)
    for (const token of [
      ...['x', 'a'.repeat(5000), tokens.access_token.replace(/.$/, '-'), `bla_${'x'.repeat(43)}`, 'ünïcode'],
      ...[tokens.refresh_token, code, client.secret, client.client.clientId, rotated, revoked.access_token],
      ...session.browser.cookies.values(),
    ]) {
      const answer = await get(me, bearer(token))
      expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, invalid])
    }
  })

  test('does not come on open routes, whatever the token', async () => {
    expect((await get('/api/v1/oauth/apps/unknown', bearer('x'))).statusCode).toBe(404)
  })

  test('does not fall back to the cookie of the same request', async () => {
    const { browser } = await signedIn(pod)
    const answer = await get(me, { ...asScript(browser), ...bearer('x') })
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, invalid])
  })
})

test('403 names the scope that is missing (S43)', async () => {
  const { access_token } = await someTokens(pod, client, { user, scopes: ['write', 'read:libraries'] })
  const answer = await get(me, bearer(access_token))
  const detail = 'You do not have permission to perform this action.'
  expect([answer.statusCode, answer.json()]).toEqual([
    403,
    { detail, code: 'insufficient_scope', scope: 'read:profile' },
  ])
  const description = `${detail} It needs the scope read:profile.`
  expect(answer.headers['www-authenticate']).toBe(
    `Bearer realm="api",error="insufficient_scope",error_description="${description}",scope="read:profile"`,
  )
})

test('the tokens of a user who was deactivated end with the next request, and come back with the user (S57)', async () => {
  const all = [tokens.access_token, client.applicationToken]
  const statuses = async () =>
    (await Promise.all(all.map((token) => get(me, bearer(token))))).map((one) => one.statusCode)
  expect(await statuses()).toEqual([200, 200])
  await setActive(pod.db, user.username, false)
  expect(await statuses()).toEqual([401, 401])
  expect((await refresh(pod, client, tokens.refresh_token)).json().error).toBe('invalid_grant')
  await setActive(pod.db, user.username, true)
  expect(await statuses()).toEqual([200, 200])
})

describe('what a token reaches is token ∩ app ∩ user', () => {
  const security = '/api/v1/oauth/apps/'
  const settings = '/api/v1/instance/admin/settings/'
  const all = ['read', 'write', 'read:security', 'write:security', 'read:plugins', 'write:instance:users']

  test('an access token never reaches security, even of a superuser and with every scope (S43, S44)', async () => {
    const root = await aUser(pod.db, { isSuperuser: true })
    const greedy = await aClient(pod.db, { ownerId: root.id, scopes: all })
    const { access_token } = await someTokens(pod, greedy, { user: root, scopes: all })
    expect((await get(me, bearer(access_token))).statusCode).toBe(200)
    for (const url of [security, '/api/v1/oauth/grants/']) {
      expect((await get(url, bearer(access_token))).json().scope).toBe('read:security')
    }
  })

  test('an app that did not register a scope does not get it by a token that names it', async () => {
    const narrow = await aClient(pod.db, { scopes: ['write:playlists'] })
    const { access_token } = await someTokens(pod, narrow, { user, scopes: ['read'] })
    expect((await get(me, bearer(access_token))).statusCode).toBe(403)
  })

  test.each([
    [['read', 'write'], true, security, 403],
    [['read:security'], false, security, 200],
    [['read', 'write'], true, settings, 403],
    [['read:instance:settings'], false, settings, 403],
    [['read:instance:settings'], true, settings, 200],
  ])('an application token of %j, owner superuser: %s, asks for %s: %i', async (scopes, isSuperuser, url, status) => {
    const owner = await aUser(pod.db, { isSuperuser })
    const { applicationToken } = await aClient(pod.db, { ownerId: owner.id, scopes })
    expect((await get(url, bearer(applicationToken))).statusCode).toBe(status)
  })

  test('an application token with no scopes may do nothing', async () => {
    const { applicationToken } = await aClient(pod.db, { ownerId: user.id, scopes: [] })
    expect((await get(me, bearer(applicationToken))).statusCode).toBe(403)
  })

  test('a token without a user reaches nothing that is a user’s', async () => {
    const answer = await send(pod, 'POST', '/api/v1/oauth/token', {
      body: form({ grant_type: 'client_credentials', scope: 'read' }),
      headers: basic(client.client.clientId, client.secret),
    })
    expect(answer.json().scope).toBe('read')
    const refusal = await get(me, bearer(answer.json().access_token))
    const detail = 'You do not have permission to perform this action.'
    expect([refusal.statusCode, refusal.json()]).toEqual([403, { detail, code: 'user_required' }])
  })
})

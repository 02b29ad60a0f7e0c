import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runGrant } from '../../src/oauth/server.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient } from '../support/factories.ts'
import {
  aCode,
  authorizationUrl,
  authorize,
  exchange,
  newPkce,
  postAs,
  refresh,
  signedIn,
  someTokens,
  useToken,
} from '../support/oauth-flow.ts'
import { bodies, json, send } from '../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const token = '/api/v1/oauth/token'

/** Takes a table away, so that what needs it fails with an error full of inner details. */
async function withoutTable(name: string, act: () => Promise<void>): Promise<void> {
  await pod.db.$executeRawUnsafe(`ALTER TABLE ${name} RENAME TO ${name}_away`)
  try {
    await act()
  } finally {
    await pod.db.$executeRawUnsafe(`ALTER TABLE ${name}_away RENAME TO ${name}`)
  }
}

describe('traps of @node-oauth/oauth2-server', () => {
  test('1: an error redirect keeps the query of the URI, and has error, state and iss (S6)', async () => {
    const client = await aClient(pod.db, { redirectUris: ['https://app.example/cb?a=1&b=%20'] })
    const { browser } = await signedIn(pod)
    const { url } = await browser.get(authorizationUrl(client, { response_type: 'token' }))
    const { searchParams } = new URL(url)
    expect(url).toMatch(/^https:\/\/app\.example\/cb\?a=1&b=%20&error=/)
    expect(searchParams.get('error')).toBe('unsupported_response_type')
    expect(searchParams.get('state')).toBe('xyz')
    expect(searchParams.get('iss')).toBe(`${pod.config.publicUrl}/`)
  })

  test('1: a urn: redirect URI is redirected to unchanged, on error and on success (S3)', async () => {
    const uri = 'urn:/audio.funkwhale.funkwhale-android/oauth/callback'
    const client = await aClient(pod.db, { redirectUris: [uri] })
    const { browser } = await signedIn(pod)
    const refused = await browser.get(authorizationUrl(client, { scope: 'everything' }))
    expect(refused.url.startsWith(`${uri}?error=invalid_scope&`)).toBe(true)
    expect((await authorize(browser, client)).href.startsWith(`${uri}?code=blc_`)).toBe(true)
  })

  test('2: inner errors are not told, in no body and no redirect (S72)', async () => {
    const client = await aClient(pod.db)
    const code = await aCode(pod, client)
    const { browser } = await signedIn(pod)
    const consent = await browser.get(authorizationUrl(client))
    await withoutTable('authorization_codes', async () => {
      const answer = await exchange(pod, client, code)
      expect(answer.statusCode).toBe(500)
      expect(answer.json()).toEqual({ error: 'server_error', error_description: 'Internal server error.' })
      const page = await browser.submit(consent, '/authorize', { decision: 'allow' })
      expect(page.status).toBe(500)
      expect(page.url).toBe('/authorize')
      expect(page.text).not.toMatch(/authorization_codes|SELECT|INSERT|prisma/i)
    })
  })

  test('2: a defect comes out as it went in, for the log, and not as an error of the library', async () => {
    const { client } = await aClient(pod.db)
    const origin = { ip: '127.0.0.1', headers: {}, log: pod.app.log }
    const defect = new TypeError('inner text')
    const handlers = { client_credentials: () => Promise.reject(defect) }
    const request = { client, parameters: { grant_type: 'client_credentials' }, origin }
    await expect(runGrant(handlers, request)).rejects.toBe(defect)
  })

  test('3: a code_verifier does not stand in for the secret, and the attempt burns nothing (S27)', async () => {
    const client = await aClient(pod.db)
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, client, { challenge })
    for (const client_secret of [undefined, '', 'wrong']) {
      const answer = await exchange(pod, client, code, { code_verifier: verifier, client_secret })
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ error: 'invalid_client' })
    }
    expect((await exchange(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
  })

  test('4: of simultaneous exchanges of one code one succeeds (S20)', async () => {
    const client = await aClient(pod.db)
    const code = await aCode(pod, client)
    const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(pod, client, code)))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })

  test('4: of simultaneous refreshes of one token one leaf lives (S36)', async () => {
    const client = await aClient(pod.db)
    const { refresh_token } = await someTokens(pod, client)
    await Promise.all(Array.from({ length: 8 }, () => refresh(pod, client, refresh_token)))
    expect(await pod.db.token.count({ where: { rotatedAt: null } })).toBe(1)
  })

  test('5: another redirect_uri at the token endpoint is invalid_grant (RFC 6749 §5.2)', async () => {
    const client = await aClient(pod.db)
    const answer = await exchange(pod, client, await aCode(pod, client), { redirect_uri: 'https://app.example/other' })
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('6: a refresh with a bad scope does not burn the token (RFC 6749 §6)', async () => {
    const client = await aClient(pod.db)
    const { refresh_token } = await someTokens(pod, client, { scopes: ['read:profile'] })
    const bad = await refresh(pod, client, refresh_token, { scope: 'write' })
    expect(bad.json()).toMatchObject({ error: 'invalid_scope' })
    expect((await refresh(pod, client, refresh_token)).statusCode).toBe(200)
  })

  test('6: a narrowed scope is not for ever (RFC 6749 §6)', async () => {
    const client = await aClient(pod.db)
    const first = await someTokens(pod, client, { scopes: ['read', 'write'] })
    const narrow = (await refresh(pod, client, first.refresh_token, { scope: 'read' })).json()
    expect((await refresh(pod, client, narrow.refresh_token)).json().scope).toBe('read write')
  })

  test.each(['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id', 'client_secret', 'scope'])(
    '6: %s as a list, an object, a number or a boolean is invalid_request (S62)',
    async (name) => {
      const { client, secret } = await aClient(pod.db)
      const good = { grant_type: 'authorization_code', client_id: client.clientId, client_secret: secret, code: 'c' }
      for (const value of [['a'], ['a', 'b'], { not: '' }, { toString: 'a' }, 1, true]) {
        const answer = await send(pod, 'POST', token, { body: json({ ...good, [name]: value }) })
        expect(answer.statusCode).toBe(400)
        expect(answer.json()).toMatchObject({ error: 'invalid_request' })
      }
    },
  )

  test('6: brackets in a form make no operators (S62)', async () => {
    const { client, secret } = await aClient(pod.db)
    const fields = { grant_type: 'refresh_token', client_id: client.clientId, client_secret: secret }
    for (const name of ['refresh_token[not]', 'refresh_token[]', 'refresh_token.not']) {
      const answer = await send(pod, 'POST', token, { body: bodies.form({ ...fields, [name]: '' }) })
      expect(answer.json()).toMatchObject({ error_description: 'Missing refresh token parameter.' })
    }
  })

  test.each(['bearer', 'BEARER', 'Bearer'])('6: the scheme may be spelled %s (RFC 6750 §2.1, S41)', async (scheme) => {
    const { access_token } = await someTokens(pod, await aClient(pod.db))
    const answer = await send(pod, 'GET', '/api/v1/users/me', {
      headers: { authorization: `${scheme} ${access_token}` },
    })
    expect(answer.statusCode).toBe(200)
  })

  test('6: a client without a secret gets nowhere without PKCE (S25)', async () => {
    const client = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const { browser } = await signedIn(pod)
    const refused = await browser.get(authorizationUrl(client))
    expect(new URL(refused.url).searchParams.get('error')).toBe('invalid_request')
    const code = await aCode(pod, client)
    expect((await exchange(pod, client, code)).json()).toMatchObject({ error: 'invalid_request' })
    const withVerifier = await exchange(pod, client, code, { code_verifier: newPkce().verifier })
    expect(withVerifier.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('6: refusals are not to be cached either (S32)', async () => {
    const client = await aClient(pod.db)
    for (const answer of [
      await postAs(pod, client, 'token', { grant_type: 'magic' }),
      await postAs(pod, client, 'token', { grant_type: 'refresh_token', client_secret: 'wrong' }),
      await send(pod, 'POST', token, { body: json('not an object') }),
    ]) {
      expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    }
  })

  test.each(['json', 'form', 'multipart'] as const)('6: a %s body gets tokens (S63)', async (kind) => {
    const registered = await aClient(pod.db)
    const { client, secret } = registered
    const fields = {
      grant_type: 'authorization_code',
      code: await aCode(pod, registered),
      redirect_uri: 'https://app.example/callback',
      client_id: client.clientId,
      client_secret: secret,
    }
    const answer = await send(pod, 'POST', token, { body: bodies[kind](fields) })
    expect(answer.statusCode).toBe(200)
    expect((await useToken(pod, answer.json().access_token)).statusCode).toBe(200)
  })
})

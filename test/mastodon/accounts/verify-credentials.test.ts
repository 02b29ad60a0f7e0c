import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { postAs, signedIn } from '../../support/oauth-flow.ts'
import { aPicture, fileBody } from '../../support/pictures.ts'
import { asScript, bearer, json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const path = '/api/v1/accounts/verify_credentials'

describe('GET /api/v1/accounts/verify_credentials', () => {
  test('tells who is calling, with every key that clients read, each of its type', async () => {
    const createdAt = new Date('2026-01-02T03:04:05.678Z')
    const lastActivityAt = new Date('2026-02-03T04:05:06Z')
    const user = await aUser(pod.db, {
      username: 'Ada',
      name: 'Ada L.',
      createdAt,
      lastActivityAt,
      privacyLevel: 'everyone',
      summaryText: 'I <b>count</b><script>x</script>',
      summaryContentType: 'text/html',
    })
    const answer = await pod.app.inject({ url: path, headers: await tokenOf(pod, user, 'read') })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
    const { publicUrl } = pod.config
    const { avatar, header, ...account } = answer.json()
    expect(account).toEqual({
      id: String(user.id),
      username: 'Ada',
      acct: 'Ada',
      display_name: 'Ada L.',
      locked: false,
      bot: false,
      group: false,
      discoverable: true,
      indexable: false,
      created_at: '2026-01-02T03:04:05.678Z',
      note: 'I <b>count</b>',
      url: `${publicUrl}/@Ada`,
      uri: `${publicUrl}/federation/actors/Ada`,
      avatar_static: avatar,
      header_static: header,
      followers_count: 0,
      following_count: 0,
      statuses_count: 0,
      last_status_at: '2026-02-03',
      emojis: [],
      fields: [],
      roles: [],
      source: {
        note: 'I <b>count</b><script>x</script>',
        fields: [],
        privacy: 'public',
        sensitive: false,
        language: null,
        follow_requests_count: 0,
      },
      role: { id: '1', name: 'user', color: '', permissions: '0', highlighted: false },
    })
  })

  test('names pictures that can be fetched where somebody has none', async () => {
    const answer = await pod.app.inject({ url: path, headers: await tokenOf(pod, await aUser(pod.db), 'profile') })
    const { avatar, header, display_name, note, last_status_at } = answer.json()
    expect([display_name, note, last_status_at]).toEqual(['', '', null])
    for (const url of [avatar, header]) {
      expect(url.startsWith(`${pod.config.publicUrl}/`)).toBe(true)
      const picture = await pod.app.inject({ url: url.slice(pod.config.publicUrl.length) })
      expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/png'])
    }
  })

  test('shows the picture of who has one', async () => {
    const user = await aUser(pod.db)
    const headers = await tokenOf(pod, user, 'read', 'write')
    const body = await fileBody(await aPicture())
    const { uuid } = (await send(pod, 'POST', '/api/v1/attachments/', { headers, body })).json()
    await send(pod, 'PATCH', `/api/v1/users/${user.username}/`, { headers, body: json({ avatar: uuid }) })
    const { avatar } = (await pod.app.inject({ url: path, headers })).json()
    expect(avatar).toContain(uuid)
    expect((await pod.app.inject({ url: avatar.slice(pod.config.publicUrl.length) })).statusCode).toBe(200)
  })
})

/** Names the sentence of an error, which every one has to have as JSON. */
function sentenceOf(answer: LightMyRequestResponse): string {
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(Object.keys(answer.json())).toEqual(['error'])
  return answer.json().error
}

describe('GET /api/v1/accounts/verify_credentials refuses', () => {
  const challenge = /^Bearer realm="[^"]+", ?error="invalid_token"/

  test.each([
    ['no token', undefined],
    ['a token that nobody gave', 'bla_nonsense'],
    ['a token in the shape of ours', `bla_${'x'.repeat(43)}`],
  ])('%s with 401 and a challenge', async (_, token) => {
    const answer = await pod.app.inject({ url: path, ...(token && { headers: bearer(token) }) })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(challenge)
    expect(sentenceOf(answer)).not.toBe('')
  })

  test.each(['Bearer', 'Bearer a b'])('a header that holds no token with 401: %s', async (authorization) => {
    const answer = await pod.app.inject({ url: path, headers: { authorization } })
    expect([answer.statusCode, sentenceOf(answer)]).toEqual([401, 'The Authorization header holds no token.'])
    expect(answer.headers['www-authenticate']).toMatch(challenge)
    const probe = await pod.app.inject({ url: '/api/v1/instance', headers: { authorization } })
    expect(probe.statusCode).toBe(200)
  })

  test('a token that was revoked, or has expired, with 401', async () => {
    const headers = await tokenOf(pod, await aUser(pod.db), 'read')
    await pod.db.token.updateMany({ data: { accessExpiresAt: new Date(0) } })
    const expired = await pod.app.inject({ url: path, headers })
    expect([expired.statusCode, sentenceOf(expired)]).toEqual([401, 'The access token has expired.'])
    await pod.db.tokenFamily.deleteMany()
    expect((await pod.app.inject({ url: path, headers })).statusCode).toBe(401)
  })

  test('the token of an app that speaks for itself with 422', async () => {
    const registered = await aClient(pod.db, { scopes: ['read', 'profile'] })
    const { access_token } = (await postAs(pod, registered, 'token', { grant_type: 'client_credentials' })).json()
    const answer = await pod.app.inject({ url: path, headers: bearer(access_token) })
    expect(answer.statusCode).toBe(422)
    expect(sentenceOf(answer)).toContain('user')
  })

  test('a scope that is too small with 403', async () => {
    const headers = await tokenOf(pod, await aUser(pod.db), 'read:statuses', 'write')
    const answer = await pod.app.inject({ url: path, headers })
    expect(answer.statusCode).toBe(403)
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"')
    expect(sentenceOf(answer)).toContain('profile')
  })

  test('somebody whose account is disabled with 403', async () => {
    const user = await aUser(pod.db)
    const headers = await tokenOf(pod, user, 'read')
    await pod.db.user.update({ where: { id: user.id }, data: { isActive: false } })
    const answer = await pod.app.inject({ url: path, headers })
    expect([answer.statusCode, sentenceOf(answer)]).toEqual([403, 'The account is disabled.'])
    expect((await pod.app.inject({ url: '/api/v1/users/me', headers })).statusCode).toBe(401)
  })

  test('other methods with 405, and paths beside it with 404', async () => {
    const wrong = await pod.app.inject({ method: 'POST', url: path })
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'GET, HEAD'])
    sentenceOf(wrong)
    const nowhere = await pod.app.inject({ url: '/api/v1/accounts/1/statuses', headers: { accept: 'text/html' } })
    expect([nowhere.statusCode, sentenceOf(nowhere)]).toEqual([404, 'Not found.'])
  })
})

test('an account that waits for its e-mail address to be confirmed is refused with 403', async () => {
  const strict = await testApp({ accountEmailVerificationEnforce: true })
  const user = await aUser(strict.db, { emailVerifiedAt: new Date() })
  const headers = await tokenOf(strict, user, 'read')
  await strict.db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: null } })
  const answer = await strict.app.inject({ url: path, headers })
  expect([answer.statusCode, sentenceOf(answer)]).toEqual([403, 'The e-mail address is not confirmed.'])
  await strict.close()
})

describe('/oauth/userinfo', () => {
  test.each(['GET', 'POST'] as const)('%s tells who is calling, without an e-mail address', async (method) => {
    const user = await aUser(pod.db, { username: 'Ada', name: 'Ada L.' })
    const answer = await send(pod, method, '/oauth/userinfo', { headers: await tokenOf(pod, user, 'profile') })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const metadata = (await pod.app.inject({ url: '/.well-known/oauth-authorization-server' })).json()
    const { publicUrl } = pod.config
    expect(answer.json()).toEqual({
      iss: metadata.issuer,
      sub: `${publicUrl}/federation/actors/Ada`,
      name: 'Ada L.',
      preferred_username: 'Ada',
      profile: `${publicUrl}/@Ada`,
      picture: expect.stringContaining(`${publicUrl}/assets/avatar.png`),
    })
  })

  test('refuses as OAuth does (RFC 6750 §3.1): no token 401, a scope too small 403', async () => {
    const nobody = await pod.app.inject({ url: '/oauth/userinfo' })
    expect([nobody.statusCode, nobody.json().error]).toEqual([401, 'invalid_token'])
    expect(nobody.headers['www-authenticate']).toContain('Bearer')
    const headers = await tokenOf(pod, await aUser(pod.db), 'read:follows')
    const small = await pod.app.inject({ url: '/oauth/userinfo', headers })
    expect([small.statusCode, small.json().error]).toEqual([403, 'insufficient_scope'])
  })

  test('is open to a script of this pod, and to no form of another site', async () => {
    const { browser } = await signedIn(pod)
    const { cookie } = asScript(browser)
    expect((await send(pod, 'POST', '/oauth/userinfo', { headers: asScript(browser) })).statusCode).toBe(200)
    expect((await send(pod, 'POST', '/oauth/userinfo', { headers: { cookie } })).statusCode).toBe(403)
  })
})

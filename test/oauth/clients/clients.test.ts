import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'
import { asScript, type Body, bearer, bodies, form, type Headers, json, send } from '../../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const name = 'Tempo'

function register(body: Body, headers: Headers = {}, url = '/api/v1/oauth/apps/') {
  return send(pod, 'POST', url, { body, headers })
}

describe('POST /api/v1/oauth/apps', () => {
  test('registers a client for anybody, and says everything about it once', async () => {
    const answer = await register(
      json({ name, redirect_uris: 'https://tempo.example/cb', scopes: 'read write:profile' }),
    )
    expect(answer.statusCode).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(Object.entries(answer.json())).toEqual([
      ['client_id', expect.stringMatching(/^[A-Za-z0-9]{40}$/)],
      ['name', name],
      ['scopes', 'read write:profile'],
      ['client_secret', expect.stringMatching(/^bls_[A-Za-z0-9]{43}$/)],
      ['created', expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)],
      ['updated', answer.json().created],
      ['redirect_uris', 'https://tempo.example/cb'],
    ])
    expect(await pod.db.client.findFirst({ select: { ownerId: true } })).toEqual({ ownerId: null })
  })

  test('a name is enough: no redirect URIs, scope read', async () => {
    const answer = await register(json({ name }))
    expect(answer.json()).toMatchObject({ redirect_uris: '', scopes: 'read' })
  })

  for (const [kind, bodyOf] of Object.entries(bodies)) {
    test.each(['/api/v1/oauth/apps', '/api/v1/oauth/apps/'])(`takes a ${kind} body at %s (S63)`, async (url) => {
      const fields = { name, redirect_uris: 'https://tempo.example/a app://cb', scopes: 'read write' }
      const answer = await register(bodyOf(fields), {}, url)
      expect(answer.statusCode).toBe(201)
      expect(answer.json()).toMatchObject(fields)
    })

    test(`takes redirect URIs and scopes one by one in a ${kind} body`, async () => {
      const answer = await register(bodyOf({ name, redirect_uris: ['app://a', 'app://b'], scopes: ['read', 'write'] }))
      expect(answer.json()).toMatchObject({ redirect_uris: 'app://a app://b', scopes: 'read write' })
    })
  }

  test('keeps scopes in the order given, each once, unknown ones too', async () => {
    const answer = await register(form({ name, scopes: ' write  read:plugins nonsense write ' }))
    expect(answer.json().scopes).toBe('write read:plugins nonsense')
  })

  test.each<[unknown, object]>([
    [{}, { name: ['This field is required.'] }],
    [{ name: '' }, { name: ['This field may not be blank.'] }],
    [{ name: ' \t ' }, { name: ['This field may not be blank.'] }],
    [{ name: null }, { name: ['This field may not be null.'] }],
    [{ name: 5 }, { name: ['Not a valid string.'] }],
    [{ name: true }, { name: ['Not a valid string.'] }],
    [{ name: [name] }, { name: ['Not a valid string.'] }],
    [{ name: { not: '' } }, { name: ['Not a valid string.'] }],
    [{ name: 'x'.repeat(256) }, { name: ['Ensure this field has no more than 255 characters.'] }],
    [{ name: 'two\nlines' }, { name: ['Control characters are not allowed.'] }],
    [{ name, scopes: '' }, { scopes: ['This field may not be blank.'] }],
    [{ name, scopes: [] }, { scopes: ['This field may not be blank.'] }],
    [{ name, scopes: null }, { scopes: ['This field may not be null.'] }],
    [{ name, scopes: 5 }, { scopes: ['Not a valid string.'] }],
    [{ name, scopes: { read: true } }, { scopes: ['Not a valid string.'] }],
    [{ name, redirect_uris: null }, { redirect_uris: ['This field may not be null.'] }],
    [{ name, redirect_uris: 5 }, { redirect_uris: ['Not a valid string.'] }],
    [{ scopes: '' }, { name: ['This field is required.'], scopes: ['This field may not be blank.'] }],
    [[], { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
  ])('refuses %j in the words that clients look for (S62)', async (body, messages) => {
    const answer = await register(json(body))
    expect([answer.statusCode, answer.json()]).toEqual([400, messages])
    expect(await pod.db.client.count()).toBe(0)
  })

  test('takes a name of 255 characters, and trims it', async () => {
    const answer = await register(json({ name: `  ${'x'.repeat(255)} ` }))
    expect(answer.json().name).toBe('x'.repeat(255))
  })

  test('says why JSON cannot be read', async () => {
    const answer = await register({ ...json({}), payload: '{"name":' })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ detail: expect.stringMatching(/^JSON parse error - /) })
  })

  test('ignores fields that are not for clients to set (S65)', async () => {
    const { id } = await aUser(pod.db)
    const wish = 'mine'.repeat(10)
    const answer = await register(
      json({
        ...{ name, id: 7, website: 'https://tempo.example', user: id, owner: id, ownerId: id, owner_id: id },
        ...{ client_id: wish, client_secret: wish, token: wish, created: '2000-01-01T00:00:00Z', updated: wish },
        ...{ client_type: 'public', grant_types: ['password'], origin: 'mastodon', secretHash: null, is_public: true },
      }),
    )
    expect(answer.statusCode).toBe(201)
    expect(answer.body).not.toContain(wish)
    expect(answer.json().created).not.toContain('2000')
    expect(await pod.db.client.findFirst()).toMatchObject({ ownerId: null, origin: 'funkwhale', website: null })
    expect(
      await pod.db.client.count({ where: { OR: [{ secretHash: null }, { grantTypes: { has: 'password' } }] } }),
    ).toBe(0)
  })
})

describe('who owns a new client', () => {
  test('a signed-in user does, and gets an application token that works (S30)', async () => {
    const { user, browser } = await signedIn(pod)
    const answer = await register(json({ name }), asScript(browser))
    expect(answer.statusCode).toBe(201)
    expect(Object.keys(answer.json()).at(-1)).toBe('token')
    expect(answer.json().token).toMatch(/^blp_[A-Za-z0-9]{43}$/)
    const me = await useToken(pod, answer.json().token)
    expect(me.json()).toMatchObject({ id: user.id })
  })

  test.each([
    ['no CSRF token', { 'x-csrftoken': undefined }, 'CSRF Failed: CSRF token missing.'],
    ['another CSRF token', { 'x-csrftoken': 'x'.repeat(65) }, 'CSRF Failed: CSRF token incorrect.'],
    ['a foreign Origin', { origin: 'https://evil.example' }, 'CSRF Failed: The request comes from another site.'],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }, 'CSRF Failed: The request comes from another site.'],
  ])('a session with %s registers nothing (S60)', async (_, changes, detail) => {
    const { browser } = await signedIn(pod)
    const answer = await register(form({ name }), { ...asScript(browser), ...changes })
    expect([answer.statusCode, answer.json()]).toEqual([403, { detail }])
    expect(await pod.db.client.count()).toBe(0)
  })

  test('the owner of an application token that names write:security does', async () => {
    const owner = await aUser(pod.db)
    const scopes = ['read', 'write:security']
    const { applicationToken } = await aClient(pod.db, { ownerId: owner.id, scopes })
    const answer = await register(json({ name }), bearer(applicationToken))
    expect(answer.json().token).toMatch(/^blp_/)
    expect(await pod.db.client.count({ where: { name, ownerId: owner.id } })).toBe(1)
  })

  test('nobody does when the client would get more than the application token has (S43)', async () => {
    const owner = await aUser(pod.db)
    const { applicationToken } = await aClient(pod.db, { ownerId: owner.id, scopes: ['write:security'] })
    const answer = await register(json({ name, scopes: 'read' }), bearer(applicationToken))
    expect([answer.statusCode, answer.json().token]).toEqual([201, undefined])
    expect(await pod.db.client.count({ where: { name, ownerId: null } })).toBe(1)
  })

  test('nobody does when the application token holds only read and write', async () => {
    const owner = await aUser(pod.db)
    const { applicationToken } = await aClient(pod.db, { ownerId: owner.id, scopes: ['read', 'write'] })
    const answer = await register(json({ name }), bearer(applicationToken))
    expect([answer.statusCode, answer.json().token]).toEqual([201, undefined])
    expect(await pod.db.client.count({ where: { name, ownerId: null } })).toBe(1)
  })

  test('nobody does when an app registers another with its access token, whatever its scopes (S44)', async () => {
    const client = await aClient(pod.db, { scopes: ['read', 'write', 'read:security', 'write:security'] })
    const tokens = await someTokens(pod, client, { scopes: ['read', 'write', 'write:security'] })
    const answer = await register(json({ name, scopes: 'write' }), bearer(tokens.access_token))
    expect([answer.statusCode, answer.json().token]).toEqual([201, undefined])
    expect(await pod.db.client.count({ where: { name, ownerId: null } })).toBe(1)
  })

  test('a token that is worth nothing counts as none', async () => {
    const answer = await register(json({ name }), bearer('nonsense'))
    expect([answer.statusCode, answer.json().token]).toEqual([201, undefined])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { type Body, bodies, form, type Headers, json, send } from '../support/requests.ts'

const oob = 'urn:ietf:wg:oauth:2.0:oob'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const register = (body: Body, headers: Headers = {}) => send(pod, 'POST', '/api/v1/apps', { body, headers })
const registered = async (fields: object, headers: Headers = {}) => {
  const answer = await register(json({ client_name: 'Elephant', ...fields }), headers)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const refused = async (fields: object) => {
  const answer = await register(json({ client_name: 'Elephant', ...fields }))
  expect(answer.statusCode).toBe(422)
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(Object.keys(answer.json())).toEqual(['error'])
  return answer.json().error as string
}

describe('POST /api/v1/apps', () => {
  test('answers 200 with everything clients look for, and no more', async () => {
    const answer = await register(
      json({ client_name: 'Elephant', redirect_uris: 'https://a.example/cb', website: 'https://a.example' }),
    )
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toEqual({
      id: expect.stringMatching(/^\d+$/),
      name: 'Elephant',
      website: 'https://a.example',
      scopes: ['read'],
      redirect_uris: ['https://a.example/cb'],
      redirect_uri: 'https://a.example/cb',
      client_id: expect.stringMatching(/^[\w-]+$/),
      client_secret: expect.stringMatching(/^bls_\w{43}$/),
      client_secret_expires_at: 0,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
  })

  test.each(Object.entries(bodies))('takes fields as %s', async (_, encode) => {
    const answer = await register(
      encode({
        client_name: 'Elephant',
        redirect_uris: `${oob} app://cb`,
        scopes: 'read write',
        website: '',
        odd: '1',
      }),
    )
    expect(answer.json()).toMatchObject({
      name: 'Elephant',
      website: null,
      scopes: ['read', 'write'],
      redirect_uris: [oob, 'app://cb'],
      redirect_uri: `${oob}\napp://cb`,
    })
  })

  test.each([
    ['redirect_uris', 'form'],
    ['redirect_uris[]', 'form'],
    ['redirect_uris', 'multipart'],
    ['redirect_uris[]', 'multipart'],
    ['redirect_uris', 'json'],
  ] as const)('takes a list of %s in a %s body', async (name, kind) => {
    const uris = ['https://a.example/cb', 'com.example.app:/cb']
    const answer = await register(bodies[kind]({ client_name: 'Elephant', [name]: uris }))
    expect(answer.json().redirect_uris).toEqual(uris)
  })

  test('takes one redirect URI with brackets', async () => {
    const answer = await register(form({ client_name: 'Elephant', 'redirect_uris[]': 'app://cb', 'scopes[]': 'write' }))
    expect(answer.json()).toMatchObject({ redirect_uris: ['app://cb'], scopes: ['write'] })
  })

  test.each([
    [
      'blanks of any kind',
      `${oob}\r\nhttps://a.example/cb\tapp://cb  app://cb`,
      [oob, 'https://a.example/cb', 'app://cb'],
    ],
    ['nothing', undefined, [oob]],
    ['null', null, [oob]],
    ['empty text', '', [oob]],
    ['an empty list', [], [oob]],
    ['a list of nothing', [''], [oob]],
    ['a list with line breaks in it', ['app://cb\r\n', 'app://a\napp://b'], ['app://cb', 'app://a', 'app://b']],
    [
      'http on this device',
      'http://127.0.0.1/cb http://localhost:9000/',
      ['http://127.0.0.1/cb', 'http://localhost:9000/'],
    ],
  ])('redirect_uris: %s', async (_, redirect_uris, expected) => {
    expect((await registered({ redirect_uris })).redirect_uris).toEqual(expected)
  })

  test.each<[string, object, string[]]>([
    ['scopes left out', {}, ['read']],
    ['scopes empty', { scopes: '' }, ['read']],
    ['scopes null', { scopes: null }, ['read']],
    ['a list, which is not replaced by read', { scopes: ['write', 'follow'] }, ['write', 'follow']],
    ['scope in place of scopes', { scope: 'read write' }, ['read', 'write']],
    ['scope beside scopes', { scope: 'write', scopes: 'follow' }, ['follow']],
    ['plus signs and commas', { scopes: 'read+write,follow push' }, ['read', 'write', 'follow', 'push']],
    ['duplicates', { scopes: 'write read write' }, ['write', 'read']],
    [
      'names that give nothing',
      { scopes: 'read admin:read admin:write push crypto' },
      ['read', 'admin:read', 'admin:write', 'push', 'crypto'],
    ],
    ['unknown names beside known ones', { scopes: 'read openid offline_access' }, ['read']],
    ['names of Funkwhale', { scopes: 'read:favorites write:radios' }, ['read:favorites', 'write:radios']],
  ])('scopes: %s', async (_, fields, expected) => {
    expect((await registered(fields)).scopes).toEqual(expected)
  })

  test.each<[string, object, RegExp]>([
    ['no name', { client_name: undefined }, /client_name/],
    ['a null name', { client_name: null }, /client_name/],
    ['a blank name', { client_name: '  ' }, /client_name/],
    ['a name that is no text', { client_name: 5 }, /client_name/],
    ['a name with control characters', { client_name: 'a\u0007b' }, /client_name/],
    ['a name of 256 characters', { client_name: 'x'.repeat(256) }, /client_name/],
    ['nothing but unknown scopes', { scopes: 'openid' }, /scopes/],
    ['scopes that are no text', { scopes: { a: 1 } }, /scopes/],
    ['a website that is none', { website: 'javascript:alert(1)' }, /website/],
    ['21 redirect URIs', { redirect_uris: Array.from({ length: 21 }, (_, i) => `app://${i}`) }, /redirect_uris/],
    ['2057 characters of redirect URIs', { redirect_uris: `app://${'x'.repeat(2051)}` }, /redirect_uris/],
    ...[
      'javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///x',
      'blob:https://a.example/x',
      'about:blank',
    ].map((uri): [string, object, RegExp] => [uri, { redirect_uris: ['https://a.example/cb', uri] }, /redirect_uris/]),
    ['a relative URI', { redirect_uris: '/cb' }, /redirect_uris/],
    ['a fragment', { redirect_uris: 'https://a.example/#x' }, /redirect_uris/],
    ['http beyond this device', { redirect_uris: 'http://a.example/cb' }, /redirect_uris/],
  ])('refuses %s, naming the field', async (_, fields, text) => {
    expect(await refused(fields)).toMatch(text)
    expect(await pod.db.client.count()).toBe(0)
  })

  test.each([null, '', ' '])('website: %j is none', async (website) => {
    expect((await registered({ website })).website).toBeNull()
  })

  test('a name has 255 characters and redirect URIs 2056 together', async () => {
    const uri = `app://${'x'.repeat(2050)}`
    expect(await registered({ client_name: 'x'.repeat(255), redirect_uris: uri })).toMatchObject({ redirect_uri: uri })
  })

  test.each([
    ['nothing', undefined, undefined, 422],
    ['a list', '[]', 'application/json', 422],
    ['broken JSON', '{', 'application/json', 400],
    ['text', 'x', 'text/plain', 415],
    ['empty text', undefined, 'text/plain;charset=UTF-8', 422],
    ['too much', `{"client_name":"${'x'.repeat(70_000)}"}`, 'application/json', 413],
  ])('%s for a body is refused in JSON', async (_, payload, type, status) => {
    const headers = { ...(type && { 'content-type': type, 'content-length': String(payload?.length ?? 0) }) }
    const answer = await pod.app.inject({ method: 'POST', url: '/api/v1/apps', headers, ...(payload && { payload }) })
    expect([answer.statusCode, answer.json()]).toEqual([status, { error: expect.stringMatching(/.+/) }])
  })

  test.each(['text/html', 'image/png', 'application/xml;q=1, */*;q=0'])(
    'answers JSON to Accept: %s',
    async (accept) => {
      const answer = await register(json({ client_name: 'Elephant' }), { accept })
      expect([answer.statusCode, answer.json().name]).toEqual([200, 'Elephant'])
    },
  )
})

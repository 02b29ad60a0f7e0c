import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { signedIn, someTokens } from '../../support/oauth-flow.ts'
import { asScript, bearer, send } from '../../support/requests.ts'

let pod: TestApp
let owner: { user: User; browser: Browser }
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  owner = await signedIn(pod)
})

const apps = '/api/v1/oauth/apps/'
const mine = (given: object = {}) => aClient(pod.db, { ownerId: owner.user.id, ...given })

/** As the owner's browser, unless other headers are given. */
function get(url: string, headers: Record<string, string> = asScript(owner.browser)) {
  return send(pod, 'GET', url, { headers })
}

describe('GET /api/v1/oauth/apps', () => {
  test("lists one's own clients, newest first, without their secrets (S30)", async () => {
    const first = await mine({ name: 'First' })
    const second = await mine({ name: 'Second' })
    await aClient(pod.db, { name: 'Nobody owns this' })
    const answer = await get(apps)
    expect(answer.json()).toEqual({
      count: 2,
      next: null,
      previous: null,
      results: [second, first].map(({ client }) => ({
        client_id: client.clientId,
        name: client.name,
        scopes: 'read write',
        created: client.createdAt.toISOString(),
        updated: client.updatedAt.toISOString(),
      })),
    })
  })

  test('is kept by nobody (S69)', async () => {
    const { headers } = await get(apps)
    expect(headers['cache-control']).toBe('no-store')
  })

  test('pages have absolute links', async () => {
    for (const name of ['1', '2', '3', '4', '5']) await mine({ name })
    const link = (page: string) => `http://127.0.0.1:5000${apps}?page_size=2${page}`
    const [first, second, third] = await Promise.all(
      ['', '&page=2', '&page=3'].map(async (page) => (await get(`${apps}?page_size=2${page}`)).json()),
    )
    expect(first).toMatchObject({
      count: 5,
      previous: null,
      next: link('&page=2'),
      results: [{ name: '5' }, { name: '4' }],
    })
    expect(second).toMatchObject({ previous: link(''), next: link('&page=3'), results: [{ name: '3' }, { name: '2' }] })
    expect(third).toMatchObject({ previous: link('&page=2'), next: null, results: [{ name: '1' }] })
  })

  test.each(['2', '0', '-1', '1.5', 'x', '99999999999999999999'])('page %j of one page is 404 (S66)', async (page) => {
    const answer = await get(`${apps}?page=${page}`)
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Invalid page.' }])
  })

  test.each(['0', '-1', 'x', '', '51', '1e9', '50'])('page_size=%s gives 50 at most (S66)', async (size) => {
    const { client } = await mine()
    const { id: _, ...data } = client
    const many = Array.from({ length: 51 }, (_, i) => ({ ...data, clientId: `c${i}`, applicationTokenHash: null }))
    await pod.db.client.createMany({ data: many })
    const answer = await get(`${apps}?page_size=${size}`)
    expect(answer.json().results).toHaveLength(50)
  })

  test('nobody without credentials, and no access token, may list clients (S44)', async () => {
    const anonymous = await get(apps, {})
    expect([anonymous.statusCode, anonymous.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
    const tokens = await someTokens(pod, await aClient(pod.db), { user: owner.user })
    const app = await get(apps, bearer(tokens.access_token))
    expect([app.statusCode, app.json().scope]).toEqual([403, 'read:security'])
  })
})

describe('GET /api/v1/oauth/apps/{client_id}', () => {
  const publicKeys = ['client_id', 'name', 'scopes', 'created', 'updated']

  test('everybody sees name and scopes, never a secret (S30)', async () => {
    const { client } = await mine()
    const other = await signedIn(pod)
    const tokens = await someTokens(pod, await aClient(pod.db), { user: owner.user })
    for (const headers of [{}, asScript(other.browser), bearer(tokens.access_token)]) {
      const answer = await get(apps + client.clientId, headers)
      expect([answer.statusCode, Object.keys(answer.json())]).toEqual([200, publicKeys])
    }
  })

  test('the owner also sees the redirect URIs, and that there is a token but not which (S30)', async () => {
    const { client } = await mine()
    const answer = await get(apps + client.clientId)
    expect(Object.keys(answer.json())).toEqual([...publicKeys, 'redirect_uris', 'token'])
    expect(answer.json()).toMatchObject({ redirect_uris: 'https://app.example/callback', token: null })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('an unknown one is 404', async () => {
    const answer = await get(`${apps}unknown`)
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
  })
})

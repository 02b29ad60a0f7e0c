import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { refresh, signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'
import { asScript, type Headers, send } from '../../support/requests.ts'
import { applicationTokenOf, tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const list = (headers: Headers, query = '') => send(pod, 'GET', `/api/v1/tokens${query}`, { headers })

/** A token of a user, with its id in lists. */
async function aToken(user: User, name = 'Elephant', website?: string) {
  const registered = await aClient(pod.db, { name, origin: 'mastodon', ...(website && { website }) })
  const tokens = await someTokens(pod, registered, { user, scopes: ['write', 'read:accounts'] })
  const family = await pod.db.tokenFamily.findFirstOrThrow({ orderBy: { id: 'desc' } })
  return { ...tokens, registered, id: String(family.id) }
}

describe('GET /api/v1/tokens', () => {
  test('shows a signed-in browser who can act for its user, newest first, without the tokens', async () => {
    const { user, browser } = await signedIn(pod)
    const first = await aToken(user, 'Elephant', 'https://elephant.example')
    const second = await aToken(user, 'Mammoth')
    await useToken(pod, first.access_token)
    const answer = await list(asScript(browser))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const [newest, oldest] = answer.json()
    expect(newest).toMatchObject({ id: second.id, created_at: moment, scope: 'write read:accounts' })
    expect(newest).not.toHaveProperty('last_used')
    expect(newest.application).toEqual({ name: 'Mammoth' })
    expect(oldest).toMatchObject({ id: first.id, last_used: moment })
    expect(oldest.application).toEqual({ name: 'Elephant', website: 'https://elephant.example' })
    expect(answer.body).not.toContain(first.access_token)
  })

  test('says when a token ends, if it does', async () => {
    const { user, browser } = await signedIn(pod)
    await aToken(user)
    await pod.db.tokenFamily.updateMany({ data: { expiresAt: new Date('2099-01-01T00:00:00Z') } })
    expect((await list(asScript(browser))).json()[0].expires_at).toBe('2099-01-01T00:00:00.000Z')
    await pod.db.tokenFamily.updateMany({ data: { expiresAt: null } })
    expect((await list(asScript(browser))).json()[0]).not.toHaveProperty('expires_at')
    await pod.db.tokenFamily.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } })
    expect((await list(asScript(browser))).json()).toEqual([])
  })

  test('leads from page to page by Link, and has none on an empty one', async () => {
    const { user, browser } = await signedIn(pod)
    const ids = [await aToken(user), await aToken(user), await aToken(user)].map(({ id }) => id)
    const [oldest = '', middle = '', newest = ''] = ids
    const idsOf = (answer: Awaited<ReturnType<typeof list>>) => answer.json().map(({ id }: { id: string }) => id)
    const first = await list(asScript(browser), '?limit=2')
    expect(idsOf(first)).toEqual([newest, middle])
    const { publicUrl } = pod.config
    const at = (query: string) => `${publicUrl}/api/v1/tokens?limit=2&${query}`
    expect(first.headers.link).toBe(`<${at(`max_id=${middle}`)}>; rel="next", <${at(`min_id=${newest}`)}>; rel="prev"`)
    const second = await list(asScript(browser), `?limit=2&max_id=${middle}`)
    expect(idsOf(second)).toEqual([oldest])
    const last = await list(asScript(browser), `?limit=2&max_id=${oldest}`)
    expect([last.json(), last.headers.link]).toEqual([[], undefined])
    expect(idsOf(await list(asScript(browser), `?limit=1&min_id=${oldest}`))).toEqual([middle])
    expect(idsOf(await list(asScript(browser), `?limit=1&since_id=${oldest}`))).toEqual([newest])
    expect(idsOf(await list(asScript(browser), `?min_id=${oldest}`))).toEqual([newest, middle])
  })

  test.each([
    ['limit=-5', 1],
    ['limit=0', 2],
  ])('%s shows %i of two: 0 stands for all', async (query, shown) => {
    const { user, browser } = await signedIn(pod)
    await aToken(user)
    await aToken(user)
    expect((await list(asScript(browser), `?${query}`)).json()).toHaveLength(shown)
  })

  test.each(['limit=x', 'limit=1&limit=9e9', 'limit=999999', 'max_id=x&min_id=&since_id[]=3', 'max_id=99999999999999'])(
    '%s is not minded',
    async (query) => {
      const { user, browser } = await signedIn(pod)
      await aToken(user)
      await aToken(user)
      const answer = await list(asScript(browser), `?${query}`)
      expect([answer.statusCode, answer.json().length]).toEqual([200, 2])
    },
  )

  test('shows nothing of others', async () => {
    await aToken(await aUser(pod.db))
    const { browser } = await signedIn(pod)
    expect((await list(asScript(browser))).json()).toEqual([])
  })

  test.each(['read', 'read:accounts', 'write', 'profile'])(
    'shows an app with %s nothing: which others there are is none of its business',
    async (scope) => {
      const answer = await list(await tokenOf(pod, await aUser(pod.db), scope))
      expect(answer.statusCode).toBe(403)
      expect(answer.json()).toEqual({ error: expect.stringContaining('read:security') })
    },
  )

  test("opens to the user's own application that names the scope", async () => {
    const user = await aUser(pod.db)
    expect((await list(await applicationTokenOf(pod, user, 'read:security'))).statusCode).toBe(200)
    expect((await list(await applicationTokenOf(pod, user, 'read'))).statusCode).toBe(403)
  })

  test('is closed without credentials', async () => {
    expect((await list({})).statusCode).toBe(401)
  })
})

describe('GET /api/v1/tokens/:id', () => {
  test('shows one', async () => {
    const { user, browser } = await signedIn(pod)
    const { id } = await aToken(user)
    const answer = await send(pod, 'GET', `/api/v1/tokens/${id}`, { headers: asScript(browser) })
    expect([answer.statusCode, answer.json().id]).toEqual([200, id])
  })

  test('knows none of others, and none that cannot be', async () => {
    const { id } = await aToken(await aUser(pod.db))
    const { browser } = await signedIn(pod)
    for (const one of [id, '0', 'x', '99999999999999999999', '1e1']) {
      const answer = await send(pod, 'GET', `/api/v1/tokens/${one}`, { headers: asScript(browser) })
      expect([one, answer.statusCode, answer.json()]).toEqual([one, 404, { error: 'Not found.' }])
    }
  })
})

describe('POST /api/v1/tokens/:id/invalidate', () => {
  const end = (id: string, headers: Headers) => send(pod, 'POST', `/api/v1/tokens/${id}/invalidate`, { headers })

  test('ends a token with all that came of it, at once, and tells which it was', async () => {
    const { user, browser } = await signedIn(pod)
    const ended = await aToken(user)
    const other = await aToken(user)
    expect((await useToken(pod, ended.access_token)).statusCode).toBe(200)
    const answer = await end(ended.id, asScript(browser))
    expect([answer.statusCode, answer.json().id]).toEqual([200, ended.id])
    expect((await useToken(pod, ended.access_token)).statusCode).toBe(401)
    expect((await refresh(pod, ended.registered, ended.refresh_token)).statusCode).toBe(400)
    expect((await useToken(pod, other.access_token)).statusCode).toBe(200)
    expect((await end(ended.id, asScript(browser))).statusCode).toBe(404)
    const { events } = await pod.services.trail.list(user.id, { skip: 0, take: 10 })
    expect(events[0]).toMatchObject({ kind: 'access-revoked' })
  })

  test('leaves those of others alone', async () => {
    const theirs = await aToken(await aUser(pod.db))
    const { browser } = await signedIn(pod)
    expect((await end(theirs.id, asScript(browser))).statusCode).toBe(404)
    expect((await useToken(pod, theirs.access_token)).statusCode).toBe(200)
  })

  test('is not done for an app, for nobody, or for a form of another site', async () => {
    const { user, browser } = await signedIn(pod)
    const { id, access_token } = await aToken(user)
    expect((await end(id, await tokenOf(pod, user, 'write'))).statusCode).toBe(403)
    expect((await end(id, await applicationTokenOf(pod, user, 'read:security'))).statusCode).toBe(403)
    expect((await end(id, {})).statusCode).toBe(401)
    const { cookie } = asScript(browser)
    const forged = await end(id, { cookie })
    expect([forged.statusCode, Object.keys(forged.json())]).toEqual([403, ['error']])
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
  })
})

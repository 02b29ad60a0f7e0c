import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'
import { asScript, bearer, type Headers, json, send } from '../../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

/** A user's token of a client that was registered with every scope. */
async function tokenFor(user: Awaited<ReturnType<typeof aUser>>, ...scopes: string[]): Promise<Headers> {
  const client = await aClient(pod.db, { scopes: ['read', 'write', 'read:applications', 'write:applications'] })
  return bearer((await someTokens(pod, client, { user, scopes })).access_token)
}

/** Registered by a user who may manage apps. */
async function anApp(headers: Headers, name = 'Elephant') {
  const answer = await send(pod, 'POST', '/api/v1/apps', { headers, body: json({ client_name: name }) })
  return answer.json() as { id: string; client_id: string; client_secret: string }
}

describe('GET /api/v1/apps', () => {
  test("lists the caller's own apps, newest first, without secrets, which nobody has kept", async () => {
    const headers = await tokenFor(await aUser(pod.db), 'read:applications', 'write:applications')
    const first = await anApp(headers, 'Elephant')
    const second = await anApp(headers, 'Mammoth')
    await anApp({}, 'Of nobody')
    const answer = await send(pod, 'GET', '/api/v1/apps', { headers })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toEqual([
      {
        id: second.id,
        name: 'Mammoth',
        website: null,
        scopes: ['read'],
        redirect_uris: ['urn:ietf:wg:oauth:2.0:oob'],
        redirect_uri: 'urn:ietf:wg:oauth:2.0:oob',
        client_id: second.client_id,
        created_at: expect.stringMatching(/\.\d{3}Z$/),
      },
      expect.objectContaining({ id: first.id, name: 'Elephant' }),
    ])
    expect(answer.body).not.toContain(first.client_secret)
  })

  test('leads from page to page by Link', async () => {
    const headers = await tokenFor(await aUser(pod.db), 'read:applications', 'write:applications')
    const first = await anApp(headers)
    const second = await anApp(headers)
    const page = await send(pod, 'GET', '/api/v1/apps?limit=1', { headers })
    expect(page.json()[0].id).toBe(second.id)
    const next = /^<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1] ?? ''
    expect(next).toBe(`${pod.config.publicUrl}/api/v1/apps?limit=1&max_id=${second.id}`)
    const beyond = await send(pod, 'GET', next.slice(pod.config.publicUrl.length), { headers })
    expect(beyond.json()[0].id).toBe(first.id)
  })

  test('lists what was made in the settings too', async () => {
    const { user, browser } = await signedIn(pod)
    const { client } = await aClient(pod.db, { ownerId: user.id, name: 'Made by hand' })
    const answer = await send(pod, 'GET', '/api/v1/apps', { headers: asScript(browser) })
    expect(answer.json()).toEqual([expect.objectContaining({ client_id: client.clientId, name: 'Made by hand' })])
  })

  test.each(['read', 'write', 'write:applications'])('is refused to a token with %s', async (scope) => {
    const answer = await send(pod, 'GET', '/api/v1/apps', { headers: await tokenFor(await aUser(pod.db), scope) })
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([403, ['error']])
  })

  test('is closed without credentials', async () => {
    expect((await send(pod, 'GET', '/api/v1/apps')).statusCode).toBe(401)
  })
})

describe('GET and DELETE /api/v1/apps/:id', () => {
  test('show and delete one, with its tokens, whoever they are of', async () => {
    const user = await aUser(pod.db)
    const headers = await tokenFor(user, 'read:applications', 'write:applications')
    const { client, secret } = await aClient(pod.db, { ownerId: user.id })
    const path = `/api/v1/apps/${client.id}`
    const { access_token } = await someTokens(pod, { client, secret }, { user: await aUser(pod.db) })
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
    const shown = await send(pod, 'GET', path, { headers })
    expect(shown.json()).toMatchObject({ id: String(client.id), client_id: client.clientId })
    const deleted = await send(pod, 'DELETE', path, { headers })
    expect([deleted.statusCode, deleted.json()]).toEqual([200, shown.json()])
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
    expect((await send(pod, 'GET', path, { headers })).statusCode).toBe(404)
  })

  test.each(['GET', 'DELETE'] as const)("%s knows none of others', nobody's, or that cannot be", async (method) => {
    const headers = await tokenFor(await aUser(pod.db), 'read:applications', 'write:applications')
    const theirs = await aClient(pod.db, { ownerId: (await aUser(pod.db)).id })
    const nobodys = await aClient(pod.db)
    for (const id of [theirs.client.id, nobodys.client.id, 'x', '99999999999', '-1']) {
      const answer = await send(pod, method, `/api/v1/apps/${id}`, { headers })
      expect([id, answer.statusCode, answer.json()]).toEqual([id, 404, { error: 'Not found.' }])
    }
    expect(await pod.db.client.count({ where: { id: { in: [theirs.client.id, nobodys.client.id] } } })).toBe(2)
  })

  test('deleting needs more than reading', async () => {
    const user = await aUser(pod.db)
    const { client } = await aClient(pod.db, { ownerId: user.id })
    const path = `/api/v1/apps/${client.id}`
    const reader = await tokenFor(user, 'read:applications', 'write')
    expect((await send(pod, 'GET', path, { headers: reader })).statusCode).toBe(200)
    expect((await send(pod, 'DELETE', path, { headers: reader })).statusCode).toBe(403)
    expect((await send(pod, 'DELETE', path)).statusCode).toBe(401)
  })
})

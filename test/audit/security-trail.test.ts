import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../src/db/generated/client.ts'
import { podOn, type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { aCode, exchange, postAs, refresh, signedIn, someTokens } from '../support/oauth-flow.ts'
import { asScript, json, send } from '../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

async function eventsOf({ id }: User): Promise<{ kind: string; client: string | null; address: string | null }[]> {
  const { events } = await pod.services.trail.list(id, { skip: 0, take: 20 })
  return events.map(({ kind, client, address }) => ({ kind, client, address }))
}

const of = (kind: string, client: string | null = null) => ({ kind, client, address: '127.0.0.1' })

describe('what happens to an account is recorded with client, address and time (S95)', () => {
  test('a refresh token that comes a second time', async () => {
    const [user, client] = [await aUser(pod.db), await aClient(pod.db)]
    const first = await someTokens(pod, client, { user })
    const second = (await refresh(pod, client, first.refresh_token)).json()
    await refresh(pod, client, second.refresh_token)
    expect(await eventsOf(user)).toEqual([])
    await refresh(pod, client, first.refresh_token)
    expect(await eventsOf(user)).toEqual([of('refresh-token-reused', client.client.name)])
  })

  test('a code that comes a second time', async () => {
    const [user, client] = [await aUser(pod.db), await aClient(pod.db)]
    const code = await aCode(pod, client, { user })
    await exchange(pod, client, code)
    await exchange(pod, client, code)
    expect(await eventsOf(user)).toEqual([of('code-reused', client.client.name)])
  })

  test('a client that revokes its tokens, once', async () => {
    const [user, client] = [await aUser(pod.db), await aClient(pod.db)]
    const { access_token: token } = await someTokens(pod, client, { user })
    await postAs(pod, client, 'revoke', { token })
    await postAs(pod, client, 'revoke', { token })
    expect(await eventsOf(user)).toEqual([of('token-revoked', client.client.name)])
  })

  test.each(['/logout', '/api/v1/users/logout'])('a logout at %s', async (path) => {
    const { user, browser } = await signedIn(pod)
    await send(pod, 'POST', path, { headers: asScript(browser) })
    expect(await eventsOf(user)).toContainEqual(of('logout'))
  })

  test('applications that are made, given another token and deleted by the API', async () => {
    const { user, browser } = await signedIn(pod)
    const apps = '/api/v1/oauth/apps'
    const made = await send(pod, 'POST', apps, { body: json({ name: 'Robin' }), headers: asScript(browser) })
    const app = `${apps}/${made.json().client_id}`
    await send(pod, 'POST', `${app}/refresh-token`, { headers: asScript(browser) })
    await send(pod, 'DELETE', app, { headers: asScript(browser) })
    const kinds = ['client-deleted', 'application-token-renewed', 'client-created']
    expect((await eventsOf(user)).slice(0, 3)).toEqual(kinds.map((kind) => of(kind, 'Robin')))
  })
})

test('a failed login to an account that does not exist is in the log only (S95)', async () => {
  const lines: string[] = []
  const logged = await podOn(pod.db, { logger: { level: 'info', stream: { write: (line) => lines.push(line) } } })
  const browser = logged.browser()
  await browser.get('/login')
  const body = json({ username: 'nobody', password: 'a wrong password' })
  const answer = await send(logged, 'POST', '/api/v1/users/login', { body, headers: asScript(browser) })
  await logged.close()
  expect(answer.statusCode).toBe(400)
  const events = lines.map((line) => JSON.parse(line)).filter(({ event }) => event !== undefined)
  expect(events).toEqual([expect.objectContaining({ event: 'login-failed', address: '127.0.0.1' })])
  expect(await pod.db.securityEvent.count()).toBe(0)
})

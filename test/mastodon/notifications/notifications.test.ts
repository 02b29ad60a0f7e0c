import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { postAs } from '../../support/oauth-flow.ts'
import { bearer, json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const path = '/api/v1/notifications'
const queries = [
  '',
  '?limit=1',
  '?limit=0&limit=-1',
  '?limit=nonsense',
  '?types[]=mention&types[]=no.such',
  '?types=follow&exclude_types%5B%5D=poll',
  '?max_id=3&since_id=x&min_id=',
  '?account_id=1&include_filtered=true&supported_types[]=quote',
]

describe('GET /api/v1/notifications', () => {
  test.each(queries)('%s is answered with a list and no Link while there is nothing', async (query) => {
    const headers = await tokenOf(pod, await aUser(pod.db), 'read:notifications')
    const answer = await send(pod, 'GET', path + query, { headers })
    expect([answer.statusCode, answer.json(), answer.headers.link]).toEqual([200, [], undefined])
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('needs its scope, and a user', async () => {
    expect((await send(pod, 'GET', path)).statusCode).toBe(401)
    const headers = await tokenOf(pod, await aUser(pod.db), 'read:accounts', 'write:notifications')
    const small = await send(pod, 'GET', path, { headers })
    expect([small.statusCode, Object.keys(small.json())]).toEqual([403, ['error']])
    const registered = await aClient(pod.db)
    const { access_token } = (await postAs(pod, registered, 'token', { grant_type: 'client_credentials' })).json()
    expect((await send(pod, 'GET', path, { headers: bearer(access_token) })).statusCode).toBe(422)
  })
})

describe('GET /api/v1/notifications/:id', () => {
  test('knows none that is not there', async () => {
    const headers = await tokenOf(pod, await aUser(pod.db), 'read')
    const answer = await send(pod, 'GET', `${path}/1`, { headers })
    expect([answer.statusCode, answer.json()]).toEqual([404, { error: 'Not found.' }])
    expect((await send(pod, 'GET', `${path}/1`)).statusCode).toBe(401)
  })
})

describe('POST /api/v1/notifications/clear', () => {
  test('answers an empty object', async () => {
    const headers = await tokenOf(pod, await aUser(pod.db), 'write:notifications')
    const empty = { payload: '', headers: { 'content-type': 'text/plain;charset=UTF-8', 'content-length': '0' } }
    for (const body of [undefined, json({}), empty]) {
      const answer = await send(pod, 'POST', `${path}/clear`, { headers, body })
      expect([answer.statusCode, answer.body]).toEqual([200, '{}'])
    }
  })

  test('needs the scope to write', async () => {
    const headers = await tokenOf(pod, await aUser(pod.db), 'read')
    expect((await send(pod, 'POST', `${path}/clear`, { headers })).statusCode).toBe(403)
    expect((await send(pod, 'POST', `${path}/clear`)).statusCode).toBe(401)
  })
})

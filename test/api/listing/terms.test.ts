import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let headers: Record<string, string>
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  headers = await tokenOf(pod, await aUser(pod.db), 'read', 'write')
})

const words = (count: number) => Array.from({ length: count }, (_, index) => `w${index}`).join('+')

test.each([
  ['libraries', 20],
  ['playlists', 20],
  ['favorites/tracks', 20],
  ['uploads', 10],
])('%s are searched by at most %i words: no statement gets too long to be planned (S66)', async (list, most) => {
  const answer = await send(pod, 'GET', `/api/v1/${list}/?q=${words(most)}`, { headers })
  expect(answer.statusCode, answer.body).toBe(200)
  const refused = await send(pod, 'GET', `/api/v1/${list}/?q=${words(most + 1)}`, { headers })
  expect(refused.statusCode).toBe(400)
  expect(refused.json()).toEqual({ detail: 'Invalid query' })
})

test('an action on uploads refuses such a search rather than find more than was meant', async () => {
  const body = json({ action: 'delete', objects: 'all', filters: { q: words(11).replaceAll('+', ' ') } })
  const answer = await send(pod, 'POST', '/api/v1/uploads/action/', { body, headers })
  expect([answer.statusCode, answer.json()]).toEqual([400, { detail: 'Invalid query' }])
})

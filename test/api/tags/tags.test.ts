import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { type Headers, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

let user: User
let headers: Headers
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  headers = await tokenOf(pod, user, 'read:libraries')
  const names = ['Rock', 'punk', 'PostRock', 'Ska']
  await pod.db.tag.createMany({
    data: names.map((name, index) => ({
      name,
      nameKey: name.toLowerCase(),
      createdAt: new Date(Date.UTC(2024, 0, 9 - index)),
    })),
  })
})

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/tags/${path}`, { headers: as })

async function names(query: string): Promise<string[]> {
  const { count, results } = (await get(`?${query}`)).json()
  expect(count).toBe(results.length)
  return results.map(({ name }: { name: string }) => name)
}

describe('GET tags', () => {
  test('shows each with its name and date', async () => {
    expect((await get('?name=Ska')).json()).toEqual({
      count: 1,
      next: null,
      previous: null,
      results: [{ name: 'Ska', creation_date: '2024-01-06T00:00:00.000Z' }],
    })
  })

  test.each([
    ['q=ROCK', ['PostRock', 'Rock']],
    ['q=%25', []],
    ['name=rock', []],
    ['name__startswith=Po', ['PostRock']],
    ['name__startswith=po', []],
    ['ordering=-name', ['punk', 'Ska', 'Rock', 'PostRock']],
    ['ordering=creation_date', ['Ska', 'PostRock', 'punk', 'Rock']],
    ['ordering=length', ['Ska', 'Rock', 'punk', 'PostRock']],
    ['ordering=-length,-name', ['PostRock', 'punk', 'Rock', 'Ska']],
  ])('%s lists %j', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  test('an unknown order is refused', async () => {
    const answer = await get('?ordering=id')
    expect([answer.statusCode, answer.json()]).toEqual([400, { ordering: [expect.any(String)] }])
  })
})

test('GET tags/<name> ignores case', async () => {
  expect((await get('rOcK/')).json()).toMatchObject({ name: 'Rock' })
  expect((await get('roc')).statusCode).toBe(404)
})

test.each(['', 'rock'])('tags/%s needs read:libraries, unless the pod is open', async (path) => {
  expect((await get(path, {})).statusCode).toBe(401)
  expect((await get(path, await tokenOf(pod, user, 'read:playlists'))).statusCode).toBe(403)
  await openPod(pod)
  expect((await get(path, {})).statusCode).toBe(200)
})

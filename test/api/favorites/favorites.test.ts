import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aTrack } from '../../support/music.ts'
import { type Body, bodies, json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())

let user: User
let headers: Record<string, string>
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  headers = await tokenOf(pod, user, 'read:favorites', 'write:favorites')
})

const url = '/api/v1/favorites/tracks/'

const add = (body: Body) => send(pod, 'POST', url, { body, headers })

async function aFavorite(by = user) {
  const track = await aTrack(pod.db)
  const row = await pod.db.favorite.create({ data: { userId: by.id, trackId: track.id, createdAt: new Date() } })
  return { ...row, track }
}

describe('POST favorites/tracks', () => {
  test.each(Object.entries(bodies))('takes %s', async (_, body) => {
    const track = await aTrack(pod.db)
    const answer = await add(body({ track: String(track.id), creation_date: '2001-01-01T00:00:00Z' }))
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({
      id: expect.any(Number),
      track: track.id,
      creation_date: expect.stringMatching(/\.\d+Z$/),
    })
    expect(Date.now() - new Date(answer.json().creation_date).getTime()).toBeLessThan(60_000)
  })

  test('is answered with the same favorite when the track is one already, also for many at once', async () => {
    const track = await aTrack(pod.db)
    const answers = await Promise.all(Array.from({ length: 8 }, () => add(json({ track: track.id }))))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201]))
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1)
    expect(await pod.db.favorite.count()).toBe(1)
  })

  test('the same track can be a favorite of many', async () => {
    const { track } = await aFavorite(await aUser(pod.db))
    expect((await add(json({ track: track.id }))).statusCode).toBe(201)
    expect(await pod.db.favorite.count()).toBe(2)
  })

  test.each([
    [{ track: 2_000_000_000 }, 'Invalid pk "2000000000" - object does not exist.'],
    [{ track: '99999999999' }, 'Invalid pk "99999999999" - object does not exist.'],
    [{ track: -1 }, 'Invalid pk "-1" - object does not exist.'],
    [{ track: 'x' }, 'Incorrect type. Expected pk value.'],
    [{ track: 1.5 }, 'Incorrect type. Expected pk value.'],
    [{}, 'This field is required.'],
    [{ track: null }, 'This field may not be null.'],
  ])('refuses %j', async (body, message) => {
    const answer = await add(json(body))
    expect([answer.statusCode, answer.json()]).toEqual([400, { track: [message] }])
  })
})

test.each(['éTÉ', 'ÉTÉ'])('q finds letters of any case: %s', async (q) => {
  const { id: trackId } = await aTrack(pod.db, { title: 'Un Été' })
  const { id } = await pod.db.favorite.create({ data: { userId: user.id, trackId, createdAt: new Date() } })
  await aFavorite()
  const answer = await send(pod, 'GET', `${url}?q=${encodeURIComponent(q)}`, { headers })
  expect(answer.json()).toMatchObject({ count: 1, results: [{ id }] })
})

describe('GET favorites/tracks/all', () => {
  test('lists the ids of all of mine, whatever the query says', async () => {
    await aFavorite(await aUser(pod.db))
    const mine: object[] = []
    for (let i = 0; i < 60; i += 1) {
      const { id, trackId } = await aFavorite()
      mine.push({ id, track: trackId })
    }
    const answer = await send(pod, 'GET', `${url}all/?page=2&page_size=1&q=x`, { headers })
    expect(answer.json()).toEqual({ results: mine, count: 60 })
  })

  test('is for nobody who is not known, also where the pod is open', async () => {
    await openPod(pod)
    expect((await send(pod, 'GET', `${url}all/`)).statusCode).toBe(401)
  })
})

describe('DELETE favorites/tracks/<id>', () => {
  test('deletes mine, and nobody else’s', async () => {
    const [mine, theirs] = [await aFavorite(), await aFavorite(await aUser(pod.db))]
    const remove = (id: number | string) => send(pod, 'DELETE', `${url}${id}/`, { headers })
    expect((await remove(mine.id)).statusCode).toBe(204)
    for (const id of [mine.id, theirs.id, 'x', '99999999999']) {
      const answer = await remove(id)
      expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
    }
    expect(await pod.db.favorite.findMany()).toMatchObject([{ id: theirs.id }])
  })
})

describe.each(['POST', 'DELETE'] as const)('%s favorites/tracks/remove', (method) => {
  const remove = (body?: Body) => send(pod, method, `${url}remove/`, { body, headers })

  test.each(Object.entries(bodies))('goes by the track, in %s', async (_, body) => {
    const { trackId } = await aFavorite()
    expect((await remove(body({ track: String(trackId) }))).statusCode).toBe(204)
    expect(await pod.db.favorite.count()).toBe(0)
  })

  test('answers 400 and nothing more to what is no favorite of mine (Q6)', async () => {
    const { trackId } = await aFavorite(await aUser(pod.db))
    const bad = [json({ track: trackId }), json({ track: 'x' }), json({ track: {} }), json({}), undefined]
    for (const body of bad) {
      const answer = await remove(body)
      expect([answer.statusCode, answer.json()]).toEqual([400, {}])
    }
    expect(await pod.db.favorite.count()).toBe(1)
  })
})

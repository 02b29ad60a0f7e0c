import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aTrack } from '../../support/music.ts'
import { bodies, form, json, send } from '../../support/requests.ts'
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
  headers = await tokenOf(pod, user, 'read:listenings', 'write:listenings')
})

const url = '/api/v1/history/listenings/'

describe('POST history/listenings', () => {
  test.each(Object.entries(bodies))('takes %s, and is mine whoever the body names', async (_, body) => {
    const track = await aTrack(pod.db)
    const stranger = await aUser(pod.db)
    const fields = { track: String(track.id), user: String(stranger.id) }
    const answer = await send(pod, 'POST', url, { body: body(fields), headers })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({
      id: expect.any(Number),
      user: user.id,
      track: track.id,
      creation_date: expect.stringMatching(/\.\d+Z$/),
    })
  })

  test('adds one each time', async () => {
    const track = await aTrack(pod.db)
    for (let i = 0; i < 3; i += 1) await send(pod, 'POST', url, { body: json({ track: track.id }), headers })
    expect(await pod.db.listening.count()).toBe(3)
  })

  test.each([
    [json, '2020-01-02T03:04:05Z', '2020-01-02T03:04:05.000Z'],
    [json, '2020-01-02T03:04:05.678+02:00', '2020-01-02T01:04:05.678Z'],
    [form, '2020-01-02T03:04:05.5', '2020-01-02T03:04:05.500Z'],
    [json, '2020-02-29 03:04', '2020-02-29T03:04:00.000Z'],
  ])('%s with the date %s: as it was', async (body, creation_date, expected) => {
    const track = String((await aTrack(pod.db)).id)
    const answer = await send(pod, 'POST', url, { body: body({ track, creation_date }), headers })
    expect(answer.json()).toMatchObject({ creation_date: expected })
  })

  test('an empty date in a form is none', async () => {
    const track = String((await aTrack(pod.db)).id)
    const answer = await send(pod, 'POST', url, { body: form({ track, creation_date: '' }), headers })
    expect(Date.now() - new Date(answer.json().creation_date).getTime()).toBeLessThan(60_000)
  })

  test('refuses an unknown track, and what is no date', async () => {
    const track = (await aTrack(pod.db)).id
    const ask = async (body: object) => {
      const answer = await send(pod, 'POST', url, { body: json(body), headers })
      return [answer.statusCode, answer.json()]
    }
    const unknown = 'Invalid pk "2000000000" - object does not exist.'
    expect(await ask({ track: 2_000_000_000 })).toEqual([400, { track: [unknown] }])
    expect(await ask({})).toEqual([400, { track: ['This field is required.'] }])
    for (const creation_date of ['yesterday', '2024-13-01T00:00:00Z', '2024-02-30T00:00:00Z', '2024-02-01T25:00:00Z']) {
      expect(await ask({ track, creation_date })).toEqual([400, { creation_date: [expect.stringMatching(/ISO 8601/)] }])
    }
    expect(await ask({ track, creation_date: 5 })).toEqual([400, { creation_date: [expect.any(String)] }])
    expect(await pod.db.listening.count()).toBe(0)
  })
})

test('GET history/listenings/<id> shows one; there is none at other addresses', async () => {
  const track = await aTrack(pod.db)
  const { id } = await pod.db.listening.create({ data: { userId: user.id, trackId: track.id, createdAt: new Date() } })
  const get = (of: number | string) => send(pod, 'GET', `${url}${of}`, { headers })
  expect((await get(id)).json()).toMatchObject({ id, user: { id: user.id }, track: { id: track.id } })
  for (const other of ['x', '0', '99999999999']) expect((await get(other)).statusCode).toBe(404)
})

test.each([
  ['me', [200, 404, 404]],
  ['instance', [200, 200, 404]],
  ['everyone', [200, 200, 200]],
])('one of an account open to %s is shown to its owner, other accounts, nobody: %j', async (privacyLevel, expected) => {
  await openPod(pod)
  await pod.db.user.update({ where: { id: user.id }, data: { privacyLevel } })
  const { id: trackId } = await aTrack(pod.db)
  const { id } = await pod.db.listening.create({ data: { userId: user.id, trackId, createdAt: new Date() } })
  const others = await tokenOf(pod, await aUser(pod.db), 'read:listenings')
  const answers = await Promise.all([headers, others, {}].map((as) => send(pod, 'GET', `${url}${id}`, { headers: as })))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(expected)
})

test.each(['PUT', 'PATCH', 'DELETE'] as const)('nothing changes a listening: %s is 405', async (method) => {
  expect((await send(pod, method, `${url}1`, { headers })).statusCode).toBe(405)
})

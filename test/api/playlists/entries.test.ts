import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aPlaylist, aTrack } from '../../support/music.ts'
import { type Body, bodies, form, json, multipart, send } from '../../support/requests.ts'
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
  headers = await tokenOf(pod, user, 'read:playlists', 'write:playlists')
})

const urlOf = (id: number, action: string) => `/api/v1/playlists/${id}/${action}/`

/** A playlist of new tracks with these titles. */
async function playlistOf(...titles: string[]) {
  const trackIds: number[] = []
  for (const title of titles) trackIds.push((await aTrack(pod.db, { title })).id)
  return { ...(await aPlaylist(pod.db, user, trackIds)), trackIds }
}

async function ask(id: number, action: string, body: Body, method: 'POST' | 'DELETE' = 'POST') {
  const answer = await send(pod, method, urlOf(id, action), { body, headers })
  return [answer.statusCode, answer.body === '' ? undefined : answer.json()]
}

/** What stands where, as the wire has it. */
async function titlesIn(id: number): Promise<string[]> {
  const answer = (await send(pod, 'GET', urlOf(id, 'tracks'), { headers })).json()
  expect(answer.results.map(({ index }: { index: number }) => index)).toEqual([...answer.results.keys()])
  expect(answer.count).toBe(answer.results.length)
  return answer.results.map(({ track }: { track: { title: string } }) => track.title)
}

/** As the database has them: from 0, without gaps. */
async function expectContiguous(id: number) {
  const rows = await pod.db.playlistTrack.findMany({ where: { playlistId: id }, orderBy: { index: 'asc' } })
  expect(rows.map(({ index }) => index)).toEqual([...rows.keys()])
  return rows
}

describe('GET playlists/<id>/tracks', () => {
  test('lists all entries in order, without pages', async () => {
    const titles = Array.from({ length: 60 }, (_, i) => `T${i}`)
    const { id } = await playlistOf(...titles)
    const answer = (await send(pod, 'GET', `${urlOf(id, 'tracks')}?page=2&page_size=5`, { headers })).json()
    expect(Object.keys(answer)).toEqual(['count', 'results'])
    expect(answer.count).toBe(60)
    expect(await titlesIn(id)).toEqual(titles)
    expect(answer.results[0]).toEqual({
      track: expect.objectContaining({ title: 'T0', uploads: [], is_playable: false }),
      index: 0,
      creation_date: expect.stringMatching(/Z$/),
    })
  })

  test('counts on where the deletion of a track has left a gap, and a change closes it', async () => {
    const { id, trackIds } = await playlistOf('a', 'b', 'c', 'd')
    await pod.db.track.delete({ where: { id: trackIds[1] ?? 0 } })
    expect(await titlesIn(id)).toEqual(['a', 'c', 'd'])
    const { id: more } = await aTrack(pod.db, { title: 'e' })
    expect((await ask(id, 'add', json({ tracks: [more] })))[1]).toMatchObject({ results: [{ index: 3 }] })
    expect(await titlesIn(id)).toEqual(['a', 'c', 'd', 'e'])
    await expectContiguous(id)
  })
})

describe('POST playlists/<id>/add', () => {
  test('puts tracks at the end in the order given, and answers with them', async () => {
    const { id, modifiedAt } = await playlistOf('a')
    const [b, c] = [await aTrack(pod.db, { title: 'b' }), await aTrack(pod.db, { title: 'c' })]
    const [status, answer] = await ask(id, 'add', json({ tracks: [c.id, String(b.id)], allow_duplicates: false }))
    expect(status).toBe(201)
    expect(Object.keys(answer)).toEqual(['count', 'results'])
    expect(answer).toMatchObject({
      count: 2,
      results: [
        { index: 1, track: { title: 'c' } },
        { index: 2, track: { title: 'b' } },
      ],
    })
    expect(await titlesIn(id)).toEqual(['a', 'c', 'b'])
    const { modifiedAt: later } = await pod.db.playlist.findUniqueOrThrow({ where: { id } })
    expect(later.getTime()).toBeGreaterThan(modifiedAt.getTime())
  })

  test.each([
    ['urlencoded', form],
    ['multipart', multipart],
  ] as const)('takes a repeated field of a %s form, and a single one as a list of one', async (_, body) => {
    const { id } = await playlistOf()
    const [a, b] = [await aTrack(pod.db, { title: 'a' }), await aTrack(pod.db, { title: 'b' })]
    expect((await ask(id, 'add', body({ tracks: [String(b.id), String(a.id)] })))[0]).toBe(201)
    expect((await ask(id, 'add', body({ tracks: String(b.id), allow_duplicates: 'true' })))[0]).toBe(201)
    expect(await titlesIn(id)).toEqual(['b', 'a', 'b'])
  })

  test.each([
    ['JSON without allow_duplicates (Q15)', (tracks: number[]) => json({ tracks })],
    ['JSON with false', (tracks: number[]) => json({ tracks, allow_duplicates: false })],
    ['a form without it', (tracks: number[]) => form({ tracks: tracks.map(String) })],
  ])('%s adds nothing when a track is there already', async (_, body) => {
    const { id, name, trackIds } = await playlistOf('a', 'b', 'a')
    const fresh = await aTrack(pod.db)
    const error = {
      tracks: ['b', 'a'],
      playlist_name: name,
      code: 'tracks_already_exist_in_playlist',
    }
    const tracks = [fresh.id, trackIds[1] ?? 0, trackIds[0] ?? 0]
    expect(await ask(id, 'add', body(tracks))).toEqual([400, { playlist: { non_field_errors: [error] } }])
    expect(await titlesIn(id)).toEqual(['a', 'b', 'a'])
  })

  test('adds it again where duplicates are allowed, and never looks for them within the request', async () => {
    const { id, trackIds } = await playlistOf('a')
    const [a] = trackIds
    const b = await aTrack(pod.db, { title: 'b' })
    expect((await ask(id, 'add', json({ tracks: [b.id, b.id] })))[0]).toBe(201)
    expect((await ask(id, 'add', json({ tracks: [a], allow_duplicates: 'yes' })))[0]).toBe(201)
    expect(await titlesIn(id)).toEqual(['a', 'b', 'b', 'a'])
  })

  test.each([
    ['an unknown track', { tracks: [2_000_000_000] }, { tracks: ['Invalid pk "2000000000" - object does not exist.'] }],
    ['an id that none can have', { tracks: ['9'.repeat(30)] }, { tracks: [expect.stringContaining('does not exist')] }],
    ['no list', {}, { tracks: ['This field is required.'] }],
    ['null', { tracks: null }, { tracks: ['This field may not be null.'] }],
    ['words', { tracks: ['x'] }, { tracks: ['Incorrect type. Expected pk value.'] }],
    ['a bad boolean', { tracks: [], allow_duplicates: 'maybe' }, { allow_duplicates: ['Must be a valid boolean.'] }],
  ])('refuses %s', async (_, body, expected) => {
    const { id } = await playlistOf('a')
    expect(await ask(id, 'add', json(body))).toEqual([400, expected])
    expect(await titlesIn(id)).toEqual(['a'])
  })

  test('adds all or none: one unknown track among known ones', async () => {
    const { id } = await playlistOf('a')
    const known = await aTrack(pod.db)
    expect((await ask(id, 'add', json({ tracks: [known.id, 2_000_000_000] })))[0]).toBe(400)
    expect(await titlesIn(id)).toEqual(['a'])
  })

  test('keeps to playlists__max_tracks', async () => {
    await pod.services.settings.change({ playlists__max_tracks: 3 })
    const { id } = await playlistOf('a', 'b')
    const [c, d] = [await aTrack(pod.db, { title: 'c' }), await aTrack(pod.db)]
    expect(await ask(id, 'add', json({ tracks: [c.id, d.id] }))).toEqual([
      400,
      { playlist: ['Playlist would reach the maximum of 3 tracks'] },
    ])
    expect((await ask(id, 'add', json({ tracks: [c.id] })))[0]).toBe(201)
    await pod.services.settings.change({ playlists__max_tracks: 250 })
  })
})

describe.each(['POST', 'DELETE'] as const)('%s playlists/<id>/remove', (method) => {
  test.each(Object.entries(bodies))('takes an entry out, asked by %s; those behind it move up', async (_, body) => {
    const { id } = await playlistOf('a', 'b', 'a', 'c')
    expect(await ask(id, 'remove', body({ index: '1' }), method)).toEqual([204, undefined])
    expect(await titlesIn(id)).toEqual(['a', 'a', 'c'])
    expect((await ask(id, 'remove', json({ index: 0 }), method))[0]).toBe(204)
    expect(await titlesIn(id)).toEqual(['a', 'c'])
    await expectContiguous(id)
  })

  test('refuses a position that is none, or past the end', async () => {
    const { id } = await playlistOf('a', 'b')
    for (const body of [{}, { index: -1 }, { index: 'x' }, { index: '' }, { index: 1.5 }, { index: null }]) {
      expect(await ask(id, 'remove', json(body), method)).toEqual([400, { detail: expect.any(String) }])
    }
    expect(await ask(id, 'remove', json({ index: 2 }), method)).toEqual([404, { detail: 'Not found.' }])
    expect(await titlesIn(id)).toEqual(['a', 'b'])
  })
})

describe('POST playlists/<id>/move', () => {
  test.each([
    [0, 3, ['b', 'c', 'd', 'a']],
    [3, 0, ['d', 'a', 'b', 'c']],
    [1, 2, ['a', 'c', 'b', 'd']],
    [2, 1, ['a', 'c', 'b', 'd']],
    [1, 1, ['a', 'b', 'c', 'd']],
  ])('from %i to %i shifts those between', async (from, to, expected) => {
    const { id } = await playlistOf('a', 'b', 'c', 'd')
    expect(await ask(id, 'move', json({ from, to }))).toEqual([204, undefined])
    expect(await titlesIn(id)).toEqual(expected)
    await expectContiguous(id)
  })

  test.each(Object.entries(bodies))('takes %s', async (_, body) => {
    const { id } = await playlistOf('a', 'b')
    expect((await ask(id, 'move', body({ from: '0', to: '1' })))[0]).toBe(204)
    expect(await titlesIn(id)).toEqual(['b', 'a'])
  })

  test('refuses what is no position, a start past the end, and an end past the end', async () => {
    const { id } = await playlistOf('a', 'b')
    for (const body of [{}, { from: 0 }, { to: 0 }, { from: -1, to: 0 }, { from: 0, to: 'x' }]) {
      expect(await ask(id, 'move', json(body))).toEqual([400, { detail: expect.any(String) }])
    }
    expect((await ask(id, 'move', json({ from: 2, to: 0 })))[0]).toBe(404)
    expect(await ask(id, 'move', json({ from: 0, to: 2 }))).toEqual([400, [expect.any(String)]])
    expect(await titlesIn(id)).toEqual(['a', 'b'])
  })
})

test('DELETE playlists/<id>/clear takes everything out', async () => {
  const { id } = await playlistOf('a', 'b')
  const other = await playlistOf('c')
  expect((await send(pod, 'DELETE', urlOf(id, 'clear'), { headers })).statusCode).toBe(204)
  expect(await titlesIn(id)).toEqual([])
  expect(await titlesIn(other.id)).toEqual(['c'])
})

describe('many at the same time', () => {
  test('adding never gives two entries the same position, nor goes beyond the maximum', async () => {
    await pod.services.settings.change({ playlists__max_tracks: 10 })
    const { id } = await playlistOf()
    const tracks = await Promise.all(Array.from({ length: 16 }, () => aTrack(pod.db)))
    const answers = await Promise.all(tracks.map((track) => ask(id, 'add', json({ tracks: [track.id] }))))
    expect(answers.filter(([status]) => status === 201)).toHaveLength(10)
    expect(answers.filter(([status]) => status === 400)).toHaveLength(6)
    expect(await expectContiguous(id)).toHaveLength(10)
    await pod.services.settings.change({ playlists__max_tracks: 250 })
  })

  test('the same track is added once', async () => {
    const { id } = await playlistOf()
    const track = await aTrack(pod.db)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask(id, 'add', json({ tracks: [track.id], allow_duplicates: false }))),
    )
    expect(answers.filter(([status]) => status === 201)).toHaveLength(1)
    expect(await expectContiguous(id)).toHaveLength(1)
  })

  test('adding, removing and moving leave every track once and no gap', async () => {
    const { id, trackIds } = await playlistOf('a', 'b', 'c', 'd', 'e', 'f')
    const added = await Promise.all(Array.from({ length: 6 }, () => aTrack(pod.db)))
    const answers = await Promise.all([
      ...added.map((track) => ask(id, 'add', json({ tracks: [track.id] }))),
      ...Array.from({ length: 4 }, () => ask(id, 'remove', json({ index: 0 }))),
      ...Array.from({ length: 6 }, (_, i) => ask(id, 'move', json({ from: i % 2, to: 1 }))),
    ])
    expect(answers.map(([status]) => status).every((status) => status === 201 || status === 204)).toBe(true)
    const rows = await expectContiguous(id)
    expect(rows).toHaveLength(trackIds.length + added.length - 4)
    expect(new Set(rows.map(({ trackId }) => trackId)).size).toBe(rows.length)
  })
})

describe('the playlist of somebody else', () => {
  test.each([
    ['POST', 'add', json({ tracks: [] })],
    ['POST', 'remove', json({ index: 0 })],
    ['DELETE', 'remove', json({ index: 0 })],
    ['POST', 'move', json({ from: 0, to: 1 })],
    ['DELETE', 'clear', json({})],
  ] as const)('%s %s: 404, and nothing changes', async (method, action, body) => {
    const { id, modifiedAt } = await playlistOf('a', 'b')
    const stranger = await tokenOf(pod, await aUser(pod.db), 'write:playlists')
    const answer = await send(pod, method, urlOf(id, action), { body, headers: stranger })
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
    expect(await titlesIn(id)).toEqual(['a', 'b'])
    expect(await pod.db.playlist.findUnique({ where: { id } })).toMatchObject({ modifiedAt })
  })
})

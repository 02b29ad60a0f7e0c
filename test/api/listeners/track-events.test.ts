import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Track, User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from '../../support/music.ts'
import { send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

let made = 0

describe.each([
  ['favorites', '/api/v1/favorites/tracks/', 'favorite'],
  ['listenings', '/api/v1/history/listenings/', 'listening'],
] as const)('GET %s', (scope, url, table) => {
  let user: User
  let headers: Record<string, string>
  beforeEach(async () => {
    user = await aUser(pod.db, { username: 'Ada', name: 'Ada L' })
    headers = await tokenOf(pod, user, `read:${scope}`)
  })

  /** What a user did with a track; later ones are newer. */
  async function happened(by: User, given: { track?: Track; at?: Date } = {}): Promise<number> {
    made += 1
    const { track = await aTrack(pod.db), at = new Date(Date.UTC(2024, 5, 1) + made * 1000) } = given
    const data = { userId: by.id, trackId: track.id, createdAt: at }
    const { favorite, listening } = pod.db
    return (table === 'favorite' ? await favorite.create({ data }) : await listening.create({ data })).id
  }

  const get = (query = '', as = headers) => send(pod, 'GET', `${url}${query}`, { headers: as })

  async function idsOf(query = '', as = headers): Promise<number[]> {
    const answer = await get(query, as)
    expect(answer.statusCode, answer.body).toBe(200)
    const { count, results } = answer.json()
    expect(count).toBe(results.length)
    return results.map(({ id }: { id: number }) => id)
  }

  test('shows who, which track and when', async () => {
    const track = await aTrack(pod.db, { title: 'Deep' })
    const { id: libraryId } = await aLibrary(pod.db, { privacyLevel: 'instance' })
    await anUpload(pod.db, { trackId: track.id, libraryId })
    const id = await happened(user, { track, at: new Date('2024-06-04T17:19:00.123Z') })
    expect((await get()).json()).toEqual({
      count: 1,
      next: null,
      previous: null,
      results: [
        {
          id,
          user: { id: user.id, username: 'Ada', name: 'Ada L', date_joined: expect.any(String), avatar: null },
          track: expect.objectContaining({ id: track.id, title: 'Deep', is_playable: true }),
          creation_date: '2024-06-04T17:19:00.123Z',
          actor: expect.objectContaining({ full_username: 'Ada@pod.example' }),
        },
      ],
    })
  })

  test('comes newest first, by what is asked for, and in that order when names mean nothing', async () => {
    const [late, early] = [await aTrack(pod.db), await aTrack(pod.db)]
    const a = await happened(user, { track: early, at: new Date('2024-01-02') })
    const b = await happened(user, { track: late, at: new Date('2024-01-03') })
    const c = await happened(user, { at: new Date('2024-01-01') })
    expect(await idsOf()).toEqual([b, a, c])
    expect(await idsOf('?ordering=creation_date')).toEqual([c, a, b])
    expect(await idsOf('?ordering=-id')).toEqual([c, b, a])
    expect(await idsOf('?ordering=track')).toEqual([b, a, c])
    expect(await idsOf('?ordering=user,id')).toEqual([a, b, c])
    expect(await idsOf('?ordering=nonsense,-password')).toEqual([b, a, c])
    expect(await idsOf('?ordering=id&ordering=-id')).toEqual([c, b, a])
  })

  test('comes in pages whose links keep the query', async () => {
    for (let i = 0; i < 5; i += 1) await happened(user)
    const all = await idsOf()
    const page = (await get('?page=2&page_size=2&scope=all')).json()
    expect(page).toMatchObject({
      count: 5,
      next: `https://pod.example${url}?page=3&page_size=2&scope=all`,
      previous: `https://pod.example${url}?page_size=2&scope=all`,
    })
    expect(page.results.map(({ id }: { id: number }) => id)).toEqual(all.slice(2, 4))
    for (const query of ['?page=4&page_size=2', '?page=x', '?page=0']) {
      expect([(await get(query)).statusCode, (await get(query)).json()]).toEqual([404, { detail: 'Invalid page.' }])
    }
  })

  test.each([
    ['me', [true, false, false]],
    ['followers', [true, false, false]],
    ['instance', [true, true, false]],
    ['everyone', [true, true, true]],
  ])('of a user who shows them to %s, that user, another and nobody see: %j (Q10)', async (privacyLevel, expected) => {
    await openPod(pod)
    await pod.db.user.update({ where: { id: user.id }, data: { privacyLevel } })
    const id = await happened(user)
    const other = await tokenOf(pod, await aUser(pod.db), `read:${scope}`)
    const seen: boolean[] = []
    for (const as of [headers, other, {}]) {
      seen.push((await idsOf('', as)).includes(id))
      if (table === 'listening') {
        expect((await send(pod, 'GET', `${url}${id}/`, { headers: as })).statusCode).toBe(seen.at(-1) ? 200 : 404)
      }
    }
    expect(seen).toEqual(expected)
  })

  test('scope: me, all, somebody, a pod, several; an unknown one empties the list', async () => {
    const bob = await aUser(pod.db, { username: 'Bob' })
    const [mine, his] = [await happened(user), await happened(bob)]
    const expected: [string, number[]][] = [
      ['me', [mine]],
      ['all', [his, mine]],
      ['actor:BOB@pod.example', [his]],
      ['actor:bob@other.example', []],
      ['actor:bob', []],
      ['domain:pod.example', [his, mine]],
      ['domain:other.example', []],
      ['subscribed', []],
      ['me, actor:bob@pod.example', [his, mine]],
      ['me,nonsense', []],
    ]
    for (const [value, ids] of expected) expect(await idsOf(`?scope=${encodeURIComponent(value)}`), value).toEqual(ids)
    expect(await idsOf('?scope=all&scope=me')).toEqual([mine])
  })

  test('scope=me is empty for nobody, and scope never shows what somebody keeps private', async () => {
    await openPod(pod)
    await happened(await aUser(pod.db, { username: 'eve', privacyLevel: 'me' }))
    await happened(await aUser(pod.db, { privacyLevel: 'everyone' }))
    expect(await idsOf('?scope=me', {})).toEqual([])
    expect(await idsOf('?scope=actor:eve@pod.example')).toEqual([])
  })

  test('hidden: nobody has hidden anything', async () => {
    const id = await happened(user)
    expect(await idsOf('?hidden=false')).toEqual([id])
    expect(await idsOf('?hidden=')).toEqual([id])
    expect(await idsOf('?hidden=true')).toEqual([])
  })

  test('ignores what it does not know', async () => {
    const id = await happened(user)
    expect(await idsOf('?nonsense=1&playable=x&track=x')).toEqual([id])
  })

  if (table === 'favorite') {
    test('q: every word is in the title, the artist or the album', async () => {
      const artist = await anArtist(pod.db, { name: 'Nina S' })
      const album = await anAlbum(pod.db, { title: 'Pastel Blues', artistId: artist.id })
      const track = await aTrack(pod.db, { title: '100% Sinner_man', artistId: artist.id, albumId: album.id })
      const id = await happened(user, { track })
      const other = await happened(user, { track: await aTrack(pod.db, { title: 'Other' }) })
      for (const q of ['sinner', 'NINA blues', '"pastel blues"', '100%', 'r_m']) {
        expect(await idsOf(`?q=${encodeURIComponent(q)}`), q).toEqual([id])
      }
      for (const q of ['nina other', '"blues pastel"', 'sinner%man', '___']) {
        expect(await idsOf(`?q=${encodeURIComponent(q)}`), q).toEqual([])
      }
      expect(await idsOf('?q=')).toEqual([other, id])
    })
  } else {
    test('username and domain leave what those users did, username in its very spelling', async () => {
      const bob = await aUser(pod.db, { username: 'Bob' })
      const [mine, his] = [await happened(user), await happened(bob)]
      expect(await idsOf('?username=Bob')).toEqual([his])
      expect(await idsOf('?username=bob')).toEqual([])
      expect(await idsOf('?domain=pod.example')).toEqual([his, mine])
      expect(await idsOf('?domain=other.example')).toEqual([])
    })
  }
})

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { anAlbum, aPlaylist, aTrack } from '../../support/music.ts'
import { send } from '../../support/requests.ts'
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
  user = await aUser(pod.db, { username: 'Ada' })
  headers = await tokenOf(pod, user, 'read:playlists')
})

const url = '/api/v1/playlists/'
const get = (query = '', as = headers) => send(pod, 'GET', `${url}${query}`, { headers: as })

async function namesOf(query = '', as = headers): Promise<string[]> {
  const answer = await get(query, as)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().results.map(({ name }: { name: string }) => name)
}

const aNamed = (name: string, trackIds: number[] = [], given = {}) =>
  aPlaylist(pod.db, user, trackIds, { name, ...given })

test('a list has the fields of a single one', async () => {
  const { id } = await aNamed('Mix', [(await aTrack(pod.db)).id])
  await aNamed('Empty')
  const { count, results } = (await get()).json()
  expect(count).toBe(2)
  expect(results[0]).toEqual((await get(`${id}/`)).json())
  expect(results[1]).toMatchObject({ duration: 0, tracks_count: 0, is_playable: false })
})

test('shows what each viewer may see: own ones always, and of others by their level (Q10)', async () => {
  await openPod(pod)
  for (const level of ['me', 'followers', 'instance', 'everyone']) await aNamed(level, [], { privacyLevel: level })
  const other = await tokenOf(pod, await aUser(pod.db), 'read:playlists')
  expect(await namesOf()).toEqual(['me', 'followers', 'instance', 'everyone'])
  expect(await namesOf('', other)).toEqual(['instance', 'everyone'])
  expect(await namesOf('?scope=actor:ada@pod.example', other)).toEqual(['instance', 'everyone'])
  expect(await namesOf('', {})).toEqual(['everyone'])
})

test('is ordered as asked, else by age', async () => {
  const at = (day: number) => new Date(Date.UTC(2024, 0, day))
  await aNamed('b', [], { createdAt: at(1), modifiedAt: at(9) })
  await aNamed('c', [], { createdAt: at(3), modifiedAt: at(7) })
  await aNamed('a', [], { createdAt: at(2), modifiedAt: at(8) })
  expect(await namesOf()).toEqual(['b', 'c', 'a'])
  expect(await namesOf('?ordering=name')).toEqual(['a', 'b', 'c'])
  expect(await namesOf('?ordering=-creation_date')).toEqual(['c', 'a', 'b'])
  expect(await namesOf('?ordering=modification_date')).toEqual(['c', 'a', 'b'])
  expect(await namesOf('?ordering=-id')).toEqual(['a', 'c', 'b'])
  expect(await namesOf('?ordering=nonsense')).toEqual(['b', 'c', 'a'])
})

test('q looks for words in the name and its owner’s, name for the whole name, name__icontains for a part of it', async () => {
  await aNamed('Rainy day')
  await aNamed('Day_2')
  expect(await namesOf('?q=day')).toEqual(['Rainy day', 'Day_2'])
  expect(await namesOf('?q=RAINY%20ada')).toEqual(['Rainy day'])
  expect(await namesOf('?q=_2')).toEqual(['Day_2'])
  expect(await namesOf('?q=nothing')).toEqual([])
  expect(await namesOf('?name=Rainy%20day')).toEqual(['Rainy day'])
  expect(await namesOf('?name=rainy%20day')).toEqual([])
  expect(await namesOf('?name__icontains=AINY')).toEqual(['Rainy day'])
})

test('playable only asks whether there are tracks (Q9)', async () => {
  await aNamed('full', [(await aTrack(pod.db)).id])
  await aNamed('empty')
  expect(await namesOf('?playable=true')).toEqual(['full'])
  expect(await namesOf('?playable=false')).toEqual(['empty'])
  expect(await namesOf('?playable=')).toEqual(['full', 'empty'])
})

test('track, album and artist leave the playlists that hold them; an unknown one is refused', async () => {
  const album = await anAlbum(pod.db)
  const track = await aTrack(pod.db, { albumId: album.id })
  await aNamed('with', [track.id, track.id])
  await aNamed('without', [(await aTrack(pod.db)).id])
  const ids = { track: track.id, album: album.id, artist: track.artistId }
  for (const [name, id] of Object.entries(ids)) {
    expect(await namesOf(`?${name}=${id}`)).toEqual(['with'])
    for (const bad of ['2000000000', 'x']) {
      const answer = await get(`?${name}=${bad}`)
      expect([answer.statusCode, answer.json()]).toEqual([400, { [name]: [expect.any(String)] }])
    }
  }
  expect(await namesOf(`?artist=${album.artistId}`)).toEqual([])
})

test('scope leaves the playlists of those it names', async () => {
  await aNamed('mine')
  const bob = await aUser(pod.db, { username: 'Bob' })
  await aPlaylist(pod.db, bob, [], { name: 'his' })
  expect(await namesOf('?scope=me')).toEqual(['mine'])
  expect(await namesOf('?scope=actor:bob@pod.example')).toEqual(['his'])
  expect(await namesOf('?scope=domain:pod.example')).toEqual(['mine', 'his'])
  expect(await namesOf('?scope=nonsense')).toEqual([])
})

test('comes in pages that name the next one', async () => {
  await aNamed('first')
  await aNamed('second')
  expect((await get('?page_size=1')).json()).toMatchObject({
    count: 2,
    next: 'https://pod.example/api/v1/playlists/?page_size=1&page=2',
    previous: null,
  })
})

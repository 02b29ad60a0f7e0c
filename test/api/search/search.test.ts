import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { aTrackIn, tag } from '../../support/catalogue.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { anAlbum, anArtist, aTrack } from '../../support/music.ts'
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
})

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/${path}`, { headers: as })

/** Names or titles that a list finds, by name. */
async function found(list: 'artists' | 'albums' | 'tracks', q: string): Promise<string[]> {
  const answer = await get(`${list}?q=${encodeURIComponent(q)}`)
  expect(answer.statusCode, answer.body).toBe(200)
  const { results } = answer.json()
  return results.map(({ name, title }: { name?: string; title?: string }) => name ?? title).sort()
}

describe('q (1.10)', () => {
  test.each([
    ['beat', ['The Beatles']],
    ['BEATLES', ['The Beatles']],
    // No word is too common.
    ['the', ['Blues & the Gang', 'The Beatles', 'The Who']],
    ['who', ['The Who']],
    // English stems: "gangs" and "gang" are one word.
    ['gangs', ['Blues & the Gang']],
    ['gang blue', ['Blues & the Gang']],
    ['atles', []],
    ['beatles who', []],
    // Accents, on either side.
    ['beyonce', ['Beyoncé']],
    ['BEYONCÉ', ['Beyoncé']],
    ['hüsker', ['Husker Du']],
    ['кино', ['КИНО']],
    // Apostrophes of any kind, and none.
    ["rock'n", ['Rock’n Roll']],
    ['rockn', ['Rock’n Roll']],
    ['roll', ['Rock’n Roll']],
    ['l’amour', ["L'amour"]],
    ['lamour', ["L'amour"]],
    ['amour', ["L'amour"]],
    ['ac/dc', ['AC/DC']],
    ['dc', ['AC/DC']],
    ['hip-hop', ['Hip Hop']],
    // What a tsquery would take for operators.
    ['beatles | who', []],
    ['be*', ['Beyoncé', 'The Beatles']],
    ['beatles:*', ['The Beatles']],
    ['!beatles', ['The Beatles']],
    ['(beatles & the)', ['The Beatles']],
    ['beatles\\', ['The Beatles']],
    ['beatles -', ['The Beatles']],
    // Nothing but special characters finds nothing.
    ["&()!':", []],
    ['"', []],
    [' ', []],
    ['-', []],
    // In double quotes it is a tsquery.
    ['"beatles | who"', ['The Beatles', 'The Who']],
    ['"the & !who & !blues"', ['The Beatles']],
    ['"be:*"', ['Beyoncé', 'The Beatles']],
    ['"blues <2> gang"', ['Blues & the Gang']],
    ['"Beyoncé"', ['Beyoncé']],
    ['""', []],
  ])('%j finds %j', async (q, expected) => {
    for (const name of [
      'The Beatles',
      'The Who',
      'Blues & the Gang',
      'Beyoncé',
      'Husker Du',
      'КИНО',
      'Rock’n Roll',
      "L'amour",
      'AC/DC',
      'Hip Hop',
    ]) {
      await anArtist(pod.db, { name })
    }
    expect(await found('artists', q)).toEqual(expected.toSorted())
  })

  test('all words are in one text: the title, the artist’s name or the album’s title', async () => {
    const artist = await anArtist(pod.db, { name: 'The Beatles' })
    const album = await anAlbum(pod.db, { title: 'Abbey Road', artistId: artist.id })
    const other = await anArtist(pod.db, { name: 'Someone' })
    await aTrack(pod.db, { title: 'Help', artistId: artist.id })
    await aTrack(pod.db, { title: 'Something', artistId: other.id, albumId: album.id })
    expect(await found('tracks', 'help')).toEqual(['Help'])
    expect(await found('tracks', 'beatles')).toEqual(['Help'])
    expect(await found('tracks', 'road abbey')).toEqual(['Something'])
    expect(await found('tracks', 'some')).toEqual(['Something'])
    expect(await found('tracks', 'beatles help')).toEqual([])
    expect(await found('albums', 'beatles')).toEqual(['Abbey Road'])
    expect(await found('albums', 'abb')).toEqual(['Abbey Road'])
    expect(await found('albums', 'abbey beatles')).toEqual([])
    expect(await found('artists', 'abbey')).toEqual([])
  })

  test.each(['"foo bar"', '"foo |"', '"((a"', '"a <99999999> b"', `"${'('.repeat(400)}"`, 'x'.repeat(600)])(
    'a malformed query is refused: %s',
    async (q) => {
      for (const path of ['artists', 'albums', 'tracks', 'search']) {
        const answer = await get(`${path}?q=${encodeURIComponent(q)}`)
        expect([answer.statusCode, answer.json()], path).toEqual([400, { detail: 'Invalid query' }])
      }
    },
  )

  test('an empty q is no filter', async () => {
    await anArtist(pod.db, { name: 'Foo' })
    expect(await found('artists', '')).toEqual(['Foo'])
  })
})

describe('GET search', () => {
  test('finds up to three of each kind, the shortest first, as this viewer is shown them', async () => {
    const artist = await anArtist(pod.db, { name: 'Foo' })
    const album = await anAlbum(pod.db, { title: 'Foo Fighters at Home', artistId: artist.id })
    for (const title of ['Foo four five', 'Foo a', 'foo', 'Foo five']) {
      await aTrackIn(pod.db, 'instance', { title, artistId: artist.id, albumId: album.id })
    }
    await tag(pod.db, { artistId: artist.id }, 'seafood', 'Food')
    for (const path of ['search', 'search/']) {
      const { artists, albums, tracks, tags } = (await get(`${path}?q=foo&page_size=1`)).json()
      expect(artists).toMatchObject([{ id: artist.id, tracks_count: 4, tags: ['Food', 'seafood'] }])
      expect(albums).toMatchObject([{ id: album.id, is_playable: true }])
      expect(tracks).toMatchObject([
        { title: 'foo', is_playable: true },
        { title: 'Foo a', uploads: [{ is_local: true }] },
        { title: 'Foo five' },
      ])
      expect(tags).toMatchObject([{ name: 'Food' }, { name: 'seafood' }])
    }
  })

  test('query comes before q, and a tsquery in quotes does as well', async () => {
    await anArtist(pod.db, { name: 'One' })
    await anArtist(pod.db, { name: 'Another' })
    const names = async (query: string) =>
      (await get(`search?${query}`)).json().artists.map(({ name }: { name: string }) => name)
    expect(await names('q=one&query=another')).toEqual(['Another'])
    expect(await names(`q=${encodeURIComponent('"one | another"')}`)).toEqual(['One', 'Another'])
    expect(await names('q=nothing')).toEqual([])
  })

  test.each(['', 'q=', 'q=%20%20', 'query='])('without anything to look for is refused: %s', async (query) => {
    const answer = await get(`search?${query}`)
    expect([answer.statusCode, answer.json()]).toEqual([400, { detail: 'empty query' }])
  })

  test('needs read:libraries, unless the pod is open', async () => {
    expect((await get('search?q=x', {})).statusCode).toBe(401)
    expect((await get('search?q=x', await tokenOf(pod, user, 'read:favorites'))).statusCode).toBe(403)
    await openPod(pod)
    expect((await get('search?q=x', {})).statusCode).toBe(200)
  })
})

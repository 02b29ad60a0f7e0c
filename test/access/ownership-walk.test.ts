import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { named } from '../support/every-route.ts'
import { aUser } from '../support/factories.ts'
import { aLibrary, anAlbum, anUpload, aPlaylist, aTrack } from '../support/music.ts'
import { fileBody } from '../support/pictures.ts'
import { type Body, bodies, type Headers, send } from '../support/requests.ts'
import { allRoutes, type Route } from '../support/routes.ts'
import { tokenOf } from '../support/tokens.ts'

const resources = /^write:(libraries|favorites|listenings|playlists)$/

/** Everything that changes something which its path names. */
const routes = (await allRoutes()).filter(({ url, config: { access } }) => {
  return url.includes(':') && typeof access === 'object' && resources.test(access.scope)
})

let pod: TestApp
let strangerUser: User
let stranger: Headers
/** What somebody else has, by where it is. */
const ids = new Map<string, string>()
beforeAll(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
  const owner = await aUser(pod.db)
  const album = await anAlbum(pod.db, { attributedToId: owner.id })
  const track = await aTrack(pod.db, { albumId: album.id, artistId: album.artistId, attributedToId: owner.id })
  const library = await aLibrary(pod.db, { owner })
  const upload = await anUpload(pod.db, { libraryId: library.id, trackId: track.id, importStatus: 'draft' })
  const playlist = await aPlaylist(pod.db, owner, [track.id, track.id], { privacyLevel: 'everyone' })
  const event = { userId: owner.id, trackId: track.id, createdAt: new Date() }
  const picture = { ownerId: owner.id, mimetype: 'image/png', size: 1, createdAt: new Date() }
  const uuid = crypto.randomUUID()
  await pod.db.attachment.create({ data: { ...picture, uuid } })
  ids.set('albums', String(album.id)).set('tracks', String(track.id))
  ids.set('libraries', library.uuid).set('federation/libraries', library.uuid).set('uploads', upload.uuid)
  ids.set('playlists', String(playlist.id)).set('attachments', uuid)
  ids.set('favorites/tracks', String((await pod.db.favorite.create({ data: event })).id))
  strangerUser = await aUser(pod.db)
  stranger = await tokenOf(pod, strangerUser, 'read', 'write')
})
afterAll(() => pod.close())

/** The fields of all writes, so that none is refused for what it lacks. */
const fields = {
  name: 'stolen',
  tracks: ['1'],
  index: '0',
  from: '0',
  to: '1',
  title: 'stolen',
  import_status: 'pending',
}

async function everything() {
  const { library, upload, playlist, playlistTrack, favorite, attachment, album, track } = pod.db
  const tables = [library, upload, playlist, playlistTrack, favorite, attachment, album, track] as { findMany: Rows }[]
  return Promise.all(tables.map((table) => table.findMany()))
}

type Rows = () => Promise<unknown[]>

function addressOf({ url }: Route): string {
  const [, resource = ''] = /^\/api\/v1\/(.*?)\/:/.exec(url) ?? []
  const id = ids.get(resource)
  if (id === undefined) throw new Error(`Make something of somebody else's for ${url}`)
  return url.replace(/:\w+/, id)
}

/** A new file must be one, whosever it is to be. */
const replacesFile = ({ method, url }: Route) => method === 'PUT' && url === '/api/v1/uploads/:uuid'

async function expectRefused(route: Route, body: Body) {
  const before = await everything()
  const answer = await send(pod, route.method as 'POST', addressOf(route), { headers: stranger, body })
  // Pictures can be seen by everybody, so there is nothing to hide.
  expect(answer.statusCode, answer.body).toBe(route.url.includes('/attachments/') ? 403 : 404)
  expect(await everything()).toEqual(before)
}

describe.each(named(routes.filter((route) => !replacesFile(route))))('%s', (_, route) => {
  test.each(Object.entries(bodies))('is 404 for somebody else’s, and changes nothing: %s', async (__, body) => {
    await expectRefused(route, body(fields))
  })
})

describe.each(named(routes))('%s', (_, route) => {
  test.each(Object.entries(bodies))('is 404 for somebody else’s whatever is wrong with the %s', async (__, body) => {
    await expectRefused(route, body({}))
    await expectRefused(route, body({ name: '', privacy_level: 'x', tracks: 'x', index: 'x', library: 'x' }))
  })
})

test.each(named(routes.filter(replacesFile)))(
  '%s is 404 for somebody else’s, and changes nothing',
  async (_, route) => {
    const library = await aLibrary(pod.db, { owner: strangerUser })
    await expectRefused(
      route,
      await fileBody(Buffer.from('no sound'), {
        field: 'audio_file',
        name: 'a.mp3',
        fields: { library: library.uuid },
      }),
    )
  },
)

test('the walk saw changes of everything that somebody can have', () => {
  const seen = new Set(routes.map(({ url }) => /^\/api\/v1\/(\w+)/.exec(url)?.[1]))
  expect([...seen]).toEqual(
    expect.arrayContaining(['attachments', 'favorites', 'federation', 'libraries', 'playlists', 'uploads']),
  )
})

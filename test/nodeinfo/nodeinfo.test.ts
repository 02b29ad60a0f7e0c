import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'
import { anAlbum, anArtist, anUpload, aTrack } from '../support/music.ts'
import { asScript, multipart, send } from '../support/requests.ts'
import { tokenOf } from '../support/tokens.ts'

const pods: TestApp[] = []

/** A pod that has counted nothing yet. */
async function aPod(settings: Record<string, unknown> = {}): Promise<TestApp> {
  const db = await testDatabase()
  await db.setting.createMany({
    data: Object.entries(settings).map(([identifier, value]) => ({
      identifier,
      value: value as object,
      updatedAt: new Date(),
    })),
  })
  const pod = await testApp({ publicUrl: 'https://pod.example' })
  pods.push(pod)
  return pod
}

beforeEach(async () => emptyDatabase(await testDatabase()))
afterEach(() => vi.useRealTimers())
afterAll(() => Promise.all(pods.map((pod) => pod.close())))

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

const url20 = '/api/v1/instance/nodeinfo/2.0/'
const url21 = '/api/v2/instance/nodeinfo/2.1/'

const get = (pod: TestApp, url: string) => send(pod, 'GET', url)

test('/.well-known/nodeinfo leads to both documents', async () => {
  const pod = await aPod()
  const answer = await get(pod, '/.well-known/nodeinfo')
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(answer.json()).toEqual({
    links: [
      { rel: 'http://nodeinfo.diaspora.software/ns/schema/2.0', href: `https://pod.example${url20}` },
      { rel: 'http://nodeinfo.diaspora.software/ns/schema/2.1', href: `https://pod.example${url21}` },
    ],
  })
  for (const { href } of answer.json().links) {
    expect((await get(pod, new URL(href).pathname)).statusCode).toBe(200)
  }
})

test.each([url20, url20.slice(0, -1), url21, url21.slice(0, -1)])(
  '%s has the content type that clients expect',
  async (url) => {
    const answer = await get(await aPod(), url)
    expect(answer.headers['content-type']).toBe(
      'application/json; profile=http://nodeinfo.diaspora.software/ns/schema/2.0#; charset=utf-8',
    )
  },
)

const shared = {
  actorId: 'https://pod.example/federation/actors/service',
  private: false,
  shortDescription: '',
  longDescription: '',
  contactEmail: '',
  nodeName: '',
  banner: null,
  defaultUploadQuota: 1000,
  supportedUploadExtensions: ['aac', 'aif', 'aiff', 'flac', 'm4a', 'mp3', 'ogg', 'opus'],
  allowList: { enabled: false, domains: null },
  funkwhaleSupportMessageEnabled: false,
  instanceSupportMessage: '',
  usage: { favorites: { tracks: { total: 0 } }, listenings: { total: 0 }, downloads: { total: 0 } },
  upstream: { name: 'mastodon' },
}

test('NodeInfo 2.0 tells all of a new pod that clients know', async () => {
  expect((await get(await aPod(), url20)).json()).toEqual({
    version: '2.0',
    software: { name: 'baleen', version },
    protocols: ['activitypub'],
    services: { inbound: ['atom1.0'], outbound: ['atom1.0'] },
    openRegistrations: false,
    usage: { users: { total: 0, activeHalfyear: 0, activeMonth: 0 } },
    metadata: {
      ...shared,
      library: {
        federationEnabled: false,
        anonymousCanListen: false,
        tracks: { total: 0 },
        artists: { total: 0 },
        albums: { total: 0 },
        music: { hours: 0 },
      },
      reportTypes: [
        { type: 'takedown_request', label: 'Takedown request', anonymous: true },
        { type: 'invalid_metadata', label: 'Invalid metadata', anonymous: false },
        { type: 'illegal_content', label: 'Illegal content', anonymous: true },
        { type: 'offensive_content', label: 'Offensive content', anonymous: false },
        { type: 'other', label: 'Other', anonymous: false },
      ],
      endpoints: { knownNodes: null, channels: null, libraries: null },
      rules: '',
      terms: '',
    },
  })
})

test('NodeInfo 2.1 tells all of a new pod that clients know', async () => {
  expect((await get(await aPod(), url21)).json()).toEqual({
    version: '2.1',
    software: { name: 'baleen', version },
    protocols: ['activitypub'],
    services: { inbound: ['atom1.0'], outbound: ['atom1.0'] },
    openRegistrations: false,
    usage: { users: { total: 0, activeHalfyear: 0, activeMonth: 0 }, localPosts: 0, localComments: 0 },
    metadata: {
      ...shared,
      location: '',
      languages: ['en'],
      content: {
        local: { artists: 0, releases: 0, recordings: 0, hoursOfContent: 0 },
        topMusicCategories: [],
        topPodcastCategories: [],
      },
      features: [],
      codeOfConduct: '',
    },
  })
})

describe('what the people of a pod set', () => {
  const settings = {
    common__api_authentication_required: false,
    instance__name: 'Whale song',
    instance__short_description: 'Deep',
    instance__contact_email: 'us@pod.example',
    instance__rules: 'Be kind',
    instance__location: 'DE',
    instance__nodeinfo_private: true,
    moderation__languages: ['de', 'fr'],
    moderation__unauthenticated_report_types: ['other'],
    users__registration_enabled: true,
    users__upload_quota: 5,
  }

  test('is in both documents', async () => {
    const pod = await aPod(settings)
    const metadata = { nodeName: 'Whale song', shortDescription: 'Deep', contactEmail: 'us@pod.example', private: true }
    expect((await get(pod, url20)).json()).toMatchObject({
      openRegistrations: true,
      metadata: { ...metadata, rules: 'Be kind', defaultUploadQuota: 5, library: { anonymousCanListen: true } },
    })
    expect((await get(pod, url21)).json().metadata).toMatchObject({
      ...metadata,
      location: 'DE',
      languages: ['de', 'fr'],
      features: ['anonymousCanListen'],
      codeOfConduct: 'https://pod.example/about/pod#rules',
    })
  })

  test('decides which reports need no account', async () => {
    const { reportTypes } = (await get(await aPod(settings), url20)).json().metadata
    expect(reportTypes.filter((one: { anonymous: boolean }) => one.anonymous)).toEqual([
      { type: 'other', label: 'Other', anonymous: true },
    ])
  })
})

describe('counting users', () => {
  const ago = (days: number) => new Date(Date.now() - days * 24 * 3_600_000)

  test('goes by when they were last seen: 30 and 180 days', async () => {
    const pod = await aPod()
    for (const days of [29, 31, 179, 181]) await aUser(pod.db, { lastActivityAt: ago(days) })
    await aUser(pod.db)
    await aUser(pod.db, { lastActivityAt: ago(1), isActive: false })
    expect((await get(pod, url20)).json().usage.users).toEqual({ total: 5, activeHalfyear: 3, activeMonth: 1 })
    expect((await get(pod, url21)).json().usage.users).toEqual({ total: 5, activeHalfyear: 3, activeMonth: 1 })
  })

  test('is done every ten minutes', async () => {
    const pod = await aPod()
    const total = async () => (await get(pod, url20)).json().usage.users.total
    expect(await total()).toBe(0)
    await aUser(pod.db)
    expect(await total()).toBe(0)
    vi.setSystemTime(new Date(Date.now() + 601_000))
    expect(await total()).toBe(1)
  })

  test('is tried again after the database was away', async () => {
    const pod = await aPod()
    vi.spyOn(pod.db, '$queryRaw').mockRejectedValueOnce(new Error('no'))
    expect((await get(pod, url20)).statusCode).toBe(500)
    expect((await get(pod, url20)).statusCode).toBe(200)
  })

  test('can be switched off', async () => {
    const pod = await aPod({ instance__nodeinfo_stats_enabled: false })
    await aUser(pod.db, { lastActivityAt: new Date() })
    expect((await get(pod, url20)).json()).toMatchObject({
      usage: { users: { total: 0, activeHalfyear: 0, activeMonth: 0 } },
      metadata: { usage: null },
    })
  })

  test('notices who uses the API, without a write for each request', async () => {
    const pod = await aPod()
    const user = await aUser(pod.db)
    const headers = await tokenOf(pod, user, 'read')
    await send(pod, 'GET', '/api/v1/users/me', { headers })
    expect(await pod.db.user.findUnique({ where: { id: user.id } })).toMatchObject({ lastActivityAt: null })
    await pod.app.close()
    const seen = await pod.db.user.findUniqueOrThrow({ where: { id: user.id } })
    expect(Date.now() - (seen.lastActivityAt?.getTime() ?? 0)).toBeLessThan(60_000)
  })
})

describe('counting music', () => {
  const tagged = async (db: Database, name: string, artistId: number, count: number) => {
    const tag = await db.tag.create({ data: { name, nameKey: name.toLowerCase(), createdAt: new Date() } })
    for (let i = 0; i < count; i += 1) {
      const track = await aTrack(db, { artistId })
      await db.trackTag.create({ data: { tagId: tag.id, trackId: track.id } })
    }
  }

  test('tells how much of it there is, and how it is used', async () => {
    const pod = await aPod()
    const album = await anAlbum(pod.db)
    const track = await aTrack(pod.db, { albumId: album.id, artistId: album.artistId, downloadsCount: 5 })
    await aTrack(pod.db, { artistId: album.artistId, downloadsCount: 2 })
    const { libraryId } = await anUpload(pod.db, { trackId: track.id, duration: 5000 })
    await anUpload(pod.db, { libraryId, trackId: track.id, duration: 400 })
    await anUpload(pod.db, { libraryId, duration: null, importStatus: 'pending' })
    const { id: userId } = await aUser(pod.db)
    const event = { userId, trackId: track.id, createdAt: new Date() }
    await pod.db.favorite.create({ data: event })
    await pod.db.listening.createMany({ data: [event, event, event] })
    const { metadata } = (await get(pod, url20)).json()
    expect(metadata.library).toMatchObject({
      artists: { total: 1 },
      albums: { total: 1 },
      tracks: { total: 2 },
      music: { hours: 1.5 },
    })
    const usage = { favorites: { tracks: { total: 1 } }, listenings: { total: 3 }, downloads: { total: 7 } }
    expect(metadata.usage).toEqual(usage)
    const newer = (await get(pod, url21)).json().metadata
    expect(newer.content.local).toEqual({ artists: 1, releases: 1, recordings: 2, hoursOfContent: 1.5 })
    expect(newer.usage).toEqual(usage)
  })

  test('names the three tags that most tracks have, of music and of podcasts', async () => {
    const pod = await aPod()
    const { id: music } = await anArtist(pod.db)
    const { id: podcast } = await anArtist(pod.db, { contentCategory: 'podcast' })
    await tagged(pod.db, 'Rock', music, 2)
    await tagged(pod.db, 'Jazz', music, 3)
    await tagged(pod.db, 'Folk', music, 1)
    await tagged(pod.db, 'Ambient', music, 2)
    await tagged(pod.db, 'News', podcast, 4)
    expect((await get(pod, url21)).json().metadata.content).toMatchObject({
      topMusicCategories: [
        { name: 'Jazz', count: 3 },
        { name: 'Ambient', count: 2 },
        { name: 'Rock', count: 2 },
      ],
      topPodcastCategories: [{ name: 'News', count: 4 }],
    })
  })

  test('is not told where statistics are switched off', async () => {
    const pod = await aPod({ instance__nodeinfo_stats_enabled: false })
    await anUpload(pod.db, { trackId: (await aTrack(pod.db)).id })
    const { library } = (await get(pod, url20)).json().metadata
    expect(library).toMatchObject({ artists: { total: 0 }, tracks: { total: 0 }, music: { hours: 0 } })
  })
})

test.each([
  [true, true, null],
  [false, false, null],
  [false, true, '/api/v1/federation/domains/'],
])('knownNodes, where authentication is needed: %s, and numbers are told: %s', async (closed, told, expected) => {
  const pod = await aPod({ common__api_authentication_required: closed, instance__nodeinfo_stats_enabled: told })
  const { endpoints } = (await get(pod, url20)).json().metadata
  expect(endpoints).toEqual({ knownNodes: expected, channels: null, libraries: null })
})

describe('logging in with Funkwhale’s web client', () => {
  test.each([url20, url21])('works with the cookie that %s sets', async (url) => {
    const pod = await aPod()
    const { username } = await aUser(pod.db)
    const browser = pod.browser()
    await browser.get(url)
    expect(browser.cookies.has('csrftoken')).toBe(true)
    const body = multipart({ username, password })
    expect((await send(pod, 'POST', '/api/v1/users/login', { body, headers: asScript(browser) })).statusCode).toBe(200)
    expect((await send(pod, 'POST', '/api/v1/users/login', { body })).statusCode).toBe(403)
  })

  test('keeps a cookie that is still good', async () => {
    const pod = await aPod()
    const browser = pod.browser()
    await browser.get(url20)
    const again = await send(pod, 'GET', url20, { headers: asScript(browser) })
    expect(again.cookies).toEqual([])
  })
})

test.each([url20, url21, '/.well-known/nodeinfo'])('%s is for every origin, and only for reading', async (url) => {
  const pod = await aPod()
  const answer = await send(pod, 'GET', url, { headers: { origin: 'https://other.example' } })
  expect(answer.headers['access-control-allow-origin']).toBe('*')
  expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  expect((await send(pod, 'POST', url)).statusCode).toBe(405)
})

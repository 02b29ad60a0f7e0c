import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readSoftware } from '../../../src/nodeinfo/software.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'

let pod: TestApp
// The count of users is kept for a while.
beforeEach(async () => {
  await pod?.close()
  pod = await testApp({ publicUrl: 'https://pod.example' })
  await emptyDatabase(pod.db)
})
afterAll(() => pod.close())

const get = async (path: string) => (await pod.app.inject({ url: path })).json()

describe('GET /api/v1/instance', () => {
  test('tells what clients read, with absent features as zero or nothing', async () => {
    await aUser(pod.db)
    const answer = await pod.app.inject({ url: '/api/v1/instance' })
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.json()).toMatchObject({
      uri: 'pod.example',
      title: 'pod.example',
      description: '',
      short_description: '',
      email: '',
      urls: { streaming_api: null },
      stats: { user_count: 1, status_count: 0, domain_count: 0 },
      languages: ['en'],
      registrations: false,
      approval_required: false,
      invites_enabled: false,
      configuration: { statuses: { max_characters: 0 }, polls: { max_options: 0 } },
      rules: [],
    })
  })

  test('starts its version with a number that clients can take apart', async () => {
    const { version } = await get('/api/v1/instance')
    expect(version).toMatch(/^\d+\.\d+\.\d+ \(compatible; Baleen /)
    expect(version).toContain(readSoftware().version)
  })

  test('says what the pod says of itself, as safe HTML', async () => {
    await pod.services.settings.change({
      instance__name: 'Whale song',
      instance__short_description: 'Music, mostly.',
      instance__long_description: 'Hello *there* <script>alert(1)</script>',
      instance__contact_email: 'admin@pod.example',
      instance__rules: 'Be kind.',
      users__registration_enabled: true,
    })
    const v1 = await get('/api/v1/instance')
    expect(v1).toMatchObject({ title: 'Whale song', short_description: 'Music, mostly.', email: 'admin@pod.example' })
    expect(v1.description).toContain('<em>there</em>')
    expect(v1.description).not.toContain('<script')
    expect(v1).toMatchObject({ registrations: true, rules: [{ id: '1', text: 'Be kind.', hint: '' }] })
    const v2 = await get('/api/v2/instance')
    expect(v2).toMatchObject({ title: 'Whale song', description: 'Music, mostly.', rules: v1.rules })
    expect(v2.contact).toEqual({ email: 'admin@pod.example', account: null })
    expect(v2.registrations).toEqual({ enabled: true, approval_required: false, message: null })
  })
})

describe('GET /api/v2/instance', () => {
  test('tells what clients read', async () => {
    const user = await aUser(pod.db, { lastActivityAt: new Date() })
    await aUser(pod.db, { lastActivityAt: new Date(user.createdAt.getTime() - 40 * 86_400_000) })
    const document = await get('/api/v2/instance')
    expect(document).toMatchObject({
      domain: 'pod.example',
      title: 'pod.example',
      source_url: expect.any(String),
      usage: { users: { active_month: 1 } },
      languages: ['en'],
      configuration: {
        urls: { streaming: null },
        accounts: { max_featured_tags: 0 },
        statuses: { max_characters: 0 },
        media_attachments: { supported_mime_types: [] },
        polls: { max_options: 0 },
        translation: { enabled: false },
        vapid: { public_key: '' },
      },
      api_versions: { mastodon: expect.any(Number) },
    })
    expect(document.version).toBe((await get('/api/v1/instance')).version)
  })

  test('counts nobody where the pod keeps its numbers to itself', async () => {
    await aUser(pod.db, { lastActivityAt: new Date() })
    await pod.services.settings.change({ instance__nodeinfo_stats_enabled: false })
    expect((await get('/api/v1/instance')).stats.user_count).toBe(0)
    expect((await get('/api/v2/instance')).usage.users.active_month).toBe(0)
  })
})

test('the pictures of both documents can be fetched', async () => {
  const addresses = [(await get('/api/v1/instance')).thumbnail, (await get('/api/v2/instance')).thumbnail.url]
  for (const address of addresses) {
    const picture = await pod.app.inject({ url: address.slice('https://pod.example'.length) })
    expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/png'])
  }
})

test('nodeinfo tells clients that do not know this pod to speak as with Mastodon', async () => {
  const { links } = await get('/.well-known/nodeinfo')
  const rels = links.map(({ rel }: { rel: string }) => rel)
  expect(rels).toContain('http://nodeinfo.diaspora.software/ns/schema/2.0')
  for (const { href } of links) {
    const document = await get(href.slice('https://pod.example'.length))
    expect(document.software.name).toBe('baleen')
    expect(document.metadata.upstream).toEqual({ name: 'mastodon' })
  }
})

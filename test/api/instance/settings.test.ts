import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../../src/settings/catalogue.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { signedIn } from '../../support/oauth-flow.ts'
import { asScript, type Body, form, json, multipart, send } from '../../support/requests.ts'
import { applicationTokenOf, tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  // The pod looks at its settings again, as it does after a change.
  await send(pod, 'POST', '/api/v1/instance/admin/settings/bulk', { body: json({}), headers: await admin() })
})

const publicUrl = '/api/v1/instance/settings/'
const adminUrl = '/api/v1/instance/admin/settings/'

interface Shown {
  section: string
  name: string
  identifier: string
  value: unknown
}

async function admin(): Promise<Record<string, string>> {
  const user = await aUser(pod.db, { mayManageSettings: true })
  return applicationTokenOf(pod, user, 'read:instance:settings', 'write:instance:settings')
}

const publicSettings = async (): Promise<Shown[]> => (await send(pod, 'GET', publicUrl)).json()

async function publicValue(identifier: string): Promise<unknown> {
  return (await publicSettings()).find((one) => one.identifier === identifier)?.value
}

async function ask(
  method: 'GET' | 'PUT' | 'PATCH' | 'POST',
  url: string,
  headers: Record<string, string>,
  body?: Body,
) {
  const answer = await send(pod, method, adminUrl + url, { body, headers })
  return { status: answer.statusCode, body: answer.json() }
}

describe('GET instance/settings', () => {
  test.each([publicUrl, '/api/v1/instance/settings'])('%s shows everybody the public settings, sorted', async (url) => {
    const answer = await send(pod, 'GET', url)
    expect(answer.statusCode).toBe(200)
    const shown: Shown[] = answer.json()
    const keys = shown.map(({ section, name }) => `${section} ${name}`)
    expect(keys).toEqual(keys.toSorted())
    expect(shown.map(({ identifier }) => identifier).toSorted()).toEqual(
      Object.entries(catalogue)
        .filter(([, { isPublic }]) => isPublic)
        .map(([name]) => name)
        .toSorted(),
    )
  })

  test('has every public setting that the Funkwhale API names', async () => {
    const named = [
      ...['audio__max_channels', 'federation__music_cache_duration', 'federation__public_index'],
      ...['name', 'short_description', 'long_description', 'contact_email', 'rules', 'terms', 'support_message'].map(
        (name) => `instance__${name}`,
      ),
      ...['location', 'banner', 'funkwhale_support_message_enabled'].map((name) => `instance__${name}`),
      ...['languages', 'signup_approval_enabled', 'signup_form_customization', 'unauthenticated_report_types'].map(
        (name) => `moderation__${name}`,
      ),
      ...['transcoding_enabled', 'transcoding_cache_duration', 'only_allow_musicbrainz_tagged_files'].map(
        (name) => `music__${name}`,
      ),
      ...['music__musicbrainz_genre_update', 'music__sync_musicbrainz_tags', 'playlists__max_tracks'],
      ...['subsonic__enabled', 'ui__custom_css'],
      ...['users__registration_enabled', 'users__default_permissions', 'users__upload_quota'],
    ]
    const shown = (await publicSettings()).map(({ identifier }) => identifier)
    expect(shown.toSorted()).toEqual(named.toSorted())
  })

  test('shows each in the shape that clients know', async () => {
    const shown = await publicSettings()
    const find = (identifier: string) => shown.find((one) => one.identifier === identifier)
    expect(find('users__registration_enabled')).toEqual({
      section: 'users',
      name: 'registration_enabled',
      identifier: 'users__registration_enabled',
      default: false,
      value: false,
      verbose_name: 'Open registration',
      help_text: 'Whether people may sign up without an invitation.',
      additional_data: {},
      field: { class: 'BooleanField', widget: { class: 'CheckboxInput' }, input_type: 'checkbox' },
    })
    expect(find('users__default_permissions')).toMatchObject({
      additional_data: {
        choices: [
          ['moderation', 'Moderation'],
          ['library', 'Library'],
          ['settings', 'Settings'],
        ],
      },
      field: { class: 'MultipleChoiceField', widget: { class: 'SelectMultiple' }, input_type: 'select' },
    })
    expect(find('instance__name')).toMatchObject({ field: { class: 'CharField', input_type: 'text' } })
    expect(find('instance__rules')).toMatchObject({ field: { widget: { class: 'Textarea' }, input_type: null } })
    expect(find('users__upload_quota')).toMatchObject({ value: 1000, field: { class: 'IntegerField' } })
    expect(find('instance__banner')).toMatchObject({ value: null, field: { input_type: 'file' } })
  })

  test('is small', async () => {
    expect((await send(pod, 'GET', publicUrl)).rawPayload.length).toBeLessThan(20_000)
  })
})

describe('instance/admin/settings', () => {
  test('lists all settings, or those of one section', async () => {
    const headers = await admin()
    const all = await ask('GET', '', headers)
    expect([all.status, all.body.length]).toEqual([200, Object.keys(catalogue).length])
    const ofUsers = await ask('GET', '?section=users', headers)
    expect(ofUsers.body.map((one: Shown) => one.name)).toEqual([
      'default_permissions',
      'registration_enabled',
      'upload_quota',
    ])
    expect((await ask('GET', '?section=nothing', headers)).body).toEqual([])
  })

  test.each(['PUT', 'PATCH'] as const)('%s changes one, for everybody, at once', async (method) => {
    const headers = await admin()
    const changed = await ask(method, 'instance__name/', headers, json({ value: 'Whale song' }))
    expect(changed).toMatchObject({ status: 200, body: { identifier: 'instance__name', value: 'Whale song' } })
    expect(await publicValue('instance__name')).toBe('Whale song')
    expect((await ask('GET', 'instance__name', headers)).body).toMatchObject({ value: 'Whale song', default: '' })
    expect(await pod.db.setting.findMany()).toMatchObject([{ identifier: 'instance__name', value: 'Whale song' }])
  })

  test('POST bulk changes several, or none', async () => {
    const headers = await admin()
    const good = { users__registration_enabled: true, users__upload_quota: 5 }
    expect(await ask('POST', 'bulk/', headers, json(good))).toMatchObject({
      status: 200,
      body: [
        { identifier: 'users__registration_enabled', value: true },
        { identifier: 'users__upload_quota', value: 5 },
      ],
    })
    expect(
      await ask('POST', 'bulk/', headers, json({ users__upload_quota: 6, nothing: 1, instance__name: 5 })),
    ).toEqual({
      status: 400,
      body: { nothing: 'invalid preference', instance__name: { value: ['Not a valid string.'] } },
    })
    expect(await publicValue('users__upload_quota')).toBe(5)
  })

  test('understands the texts of forms', async () => {
    const headers = await admin()
    await ask('POST', 'bulk', headers, form({ users__registration_enabled: 'on', users__upload_quota: '7' }))
    await ask('POST', 'bulk', headers, multipart({ users__default_permissions: ['settings', 'library'] }))
    await ask('PATCH', 'moderation__languages', headers, form({ value: 'de, fr' }))
    const values = [
      'users__registration_enabled',
      'users__upload_quota',
      'users__default_permissions',
      'moderation__languages',
    ]
    expect(await Promise.all(values.map(publicValue))).toEqual([true, 7, ['settings', 'library'], ['de', 'fr']])
  })

  test.each([
    ['users__registration_enabled', 'maybe'],
    ['users__upload_quota', -1],
    ['users__upload_quota', 3e9],
    ['users__default_permissions', ['root']],
    ['instance__name', null],
    ['instance__name', 'x'.repeat(501)],
    ['instance__banner', 'https://evil.example/'],
    ['moderation__signup_form_customization', 'x'],
  ])('refuses %s = %j', async (identifier, value) => {
    const { status, body } = await ask('PUT', identifier, await admin(), json({ value }))
    expect([status, body]).toEqual([400, { value: [expect.any(String)] }])
    expect(await pod.db.setting.count()).toBe(0)
  })

  test('wants a value, and a setting that there is', async () => {
    const headers = await admin()
    expect(await ask('PUT', 'instance__name', headers, json({}))).toEqual({
      status: 400,
      body: { value: ['This field is required.'] },
    })
    expect((await ask('PUT', 'instance__nothing', headers, json({ value: 1 }))).status).toBe(404)
    expect((await ask('GET', 'constructor', headers)).status).toBe(404)
    expect((await ask('POST', 'bulk', headers, json([1]))).status).toBe(400)
  })

  test('can be cleared to nothing where nothing is a value', async () => {
    const headers = await admin()
    expect(await ask('PUT', 'instance__banner', headers, json({ value: null }))).toMatchObject({
      status: 200,
      body: { value: null },
    })
  })
})

describe('who may manage settings', () => {
  const requests = [
    ['GET', ''],
    ['GET', 'instance__name'],
    ['PUT', 'instance__name'],
    ['PATCH', 'instance__name'],
    ['POST', 'bulk'],
  ] as const

  test.each(requests)('%s %s: nobody without credentials or permission', async (method, url) => {
    const body = method === 'GET' ? undefined : json({ value: 'x' })
    const status = async (headers: Record<string, string>) => (await ask(method, url, headers, body)).status
    const [user, manager] = [await aUser(pod.db), await aUser(pod.db, { mayManageSettings: true })]
    expect(await status({})).toBe(401)
    expect(await status(await applicationTokenOf(pod, user, 'read:instance:settings', 'write:instance:settings'))).toBe(
      403,
    )
    expect(await status(await applicationTokenOf(pod, manager, 'read', 'write'))).toBe(403)
    expect(await status(await tokenOf(pod, manager, 'read', 'write'))).toBe(403)
    expect(await pod.db.setting.count()).toBe(0)
  })

  test('reading is not writing', async () => {
    const manager = await aUser(pod.db, { mayManageSettings: true })
    const headers = await applicationTokenOf(pod, manager, 'read:instance:settings')
    expect((await ask('GET', '', headers)).status).toBe(200)
    expect((await ask('PUT', 'instance__name', headers, json({ value: 'x' }))).status).toBe(403)
  })

  test('a superuser’s browser, with its CSRF token', async () => {
    const { browser } = await signedIn(pod, { isSuperuser: true })
    const { cookie, ...csrf } = asScript(browser)
    const body = json({ value: 'x' })
    expect((await ask('PUT', 'instance__name', { cookie }, body)).status).toBe(403)
    expect((await ask('PUT', 'instance__name', { cookie, ...csrf }, body)).status).toBe(200)
  })
})

describe('what settings do', () => {
  test('the pod’s name is on its pages', async () => {
    expect((await pod.browser().get('/login')).text).toContain('pod.example')
    await ask('PUT', 'instance__name', await admin(), json({ value: 'Whale <b>song</b>' }))
    expect((await pod.browser().get('/login')).html.toString()).toContain('Whale &lt;b>song&lt;/b>')
  })

  test('the catalogue opens to everybody, and closes again', async () => {
    const headers = await admin()
    const url = '/api/v1/attachments/ffffffff-0000-4000-8000-000000000000'
    const open = (value: boolean) => ask('PUT', 'common__api_authentication_required', headers, json({ value: !value }))
    expect((await send(pod, 'GET', url)).statusCode).toBe(401)
    await open(true)
    expect((await send(pod, 'GET', url)).statusCode).toBe(404)
    await open(false)
    expect((await send(pod, 'GET', url)).statusCode).toBe(401)
  })

  test('everybody gets the default permissions, and sees them', async () => {
    const user = await aUser(pod.db)
    const headers = await applicationTokenOf(pod, user, 'read:profile', 'read:instance:settings')
    const permissions = async () => (await send(pod, 'GET', '/api/v1/users/me', { headers })).json().permissions
    expect(await permissions()).toEqual({ library: false, moderation: false, settings: false })
    await ask('PUT', 'users__default_permissions', await admin(), json({ value: ['settings'] }))
    expect(await permissions()).toEqual({ library: false, moderation: false, settings: true })
    expect((await ask('GET', '', headers)).status).toBe(200)
  })

  test('the upload quota is everybody’s who has none of their own', async () => {
    await ask('PUT', 'users__upload_quota', await admin(), json({ value: 5 }))
    const headers = await tokenOf(pod, await aUser(pod.db), 'read')
    expect((await send(pod, 'GET', '/api/v1/users/me', { headers })).json().quota_status).toMatchObject({ max: 5 })
  })
})

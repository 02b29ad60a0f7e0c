import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { signedIn } from '../../support/oauth-flow.ts'
import { aPicture, fileBody } from '../../support/pictures.ts'
import { asScript, type Body, bodies, form, json, multipart, send } from '../../support/requests.ts'
import { applicationTokenOf, tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let user: User
let headers: Record<string, string>
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db, { username: 'Alice' })
  headers = await tokenOf(pod, user, 'read', 'write')
})

const own = '/api/v1/users/Alice/'

async function change(body: Body, { method = 'PATCH' as 'PATCH' | 'PUT', url = own, by = headers } = {}) {
  const answer = await send(pod, method, url, { body, headers: by })
  return { status: answer.statusCode, body: answer.json() }
}

const me = async () => (await send(pod, 'GET', '/api/v1/users/me', { headers })).json()

async function uploadedPicture(by = headers) {
  return (
    await send(pod, 'POST', '/api/v1/attachments/', { body: await fileBody(await aPicture()), headers: by })
  ).json()
}

const isThere = async (url: string) => (await pod.app.inject({ url: new URL(url).pathname })).statusCode === 200

describe('PATCH users/{username}', () => {
  test.each(['/api/v1/users/Alice/', '/api/v1/users/Alice', '/api/v1/users/users/Alice/', '/api/v1/users/alice'])(
    '%s changes what is given and leaves the rest',
    async (url) => {
      const { status, body } = await change(json({ name: ' Alice L. ' }), { url })
      expect([status, Object.keys(body)]).toEqual([
        200,
        [
          ...['name', 'privacy_level', 'avatar', 'instance_support_message_display_date'],
          ...['funkwhale_support_message_display_date', 'summary'],
        ],
      ])
      expect(body).toMatchObject({ name: 'Alice L.', privacy_level: 'instance', avatar: null, summary: null })
      expect(await me()).toMatchObject({ name: 'Alice L.', username: 'Alice', email: user.email })
    },
  )

  test('is there for the longest user name as well', async () => {
    const other = await aUser(pod.db, { username: 'x'.repeat(150) })
    const by = await tokenOf(pod, other, 'write')
    expect((await change(json({ name: 'X' }), { url: `/api/v1/users/${other.username}/`, by })).status).toBe(200)
  })

  test('PUT needs the avatar too', async () => {
    expect(await change(json({ name: 'A' }), { method: 'PUT' })).toEqual({
      status: 400,
      body: { avatar: ['This field is required.'] },
    })
    const { uuid } = await uploadedPicture()
    expect(await change(json({ name: 'A', avatar: uuid }), { method: 'PUT' })).toMatchObject({
      status: 200,
      body: { name: 'A', avatar: { uuid } },
    })
  })

  test.each(['json', 'form', 'multipart'] as const)('takes a body of the kind %s', async (kind) => {
    const { status, body } = await change(bodies[kind]({ name: 'Ä – 日本', privacy_level: 'me' }))
    expect([status, body]).toEqual([200, expect.objectContaining({ name: 'Ä – 日本', privacy_level: 'me' })])
  })

  test.each(['me', 'followers', 'instance', 'everyone'])('takes the privacy level %s', async (level) => {
    expect((await change(json({ privacy_level: level }))).body).toMatchObject({ privacy_level: level })
  })

  test('takes a summary and shows it as it is stored', async () => {
    const summary = { text: 'Hello **you** <script>x</script>', content_type: 'text/markdown' }
    const shown = { ...summary, html: '<p>Hello <strong>you</strong> &lt;script&gt;x&lt;/script&gt;</p>' }
    expect((await change(json({ summary }))).body).toMatchObject({ summary: shown })
    expect(await me()).toMatchObject({ summary: shown })
  })

  test('takes a summary in HTML, and shows only what is safe (S67)', async () => {
    const summary = { text: '<p onclick="x()">Hi <img src=x onerror=y()></p>', content_type: 'text/html' }
    expect((await change(json({ summary }))).body.summary).toEqual({ ...summary, html: '<p>Hi </p>' })
  })

  test('takes a summary as JSON text where the body is a form, and an empty one to clear it', async () => {
    const text = JSON.stringify({ text: 'Hi', content_type: 'text/plain' })
    expect((await change(multipart({ summary: text }))).body.summary).toEqual({
      text: 'Hi',
      content_type: 'text/plain',
      html: '<p>Hi</p>',
    })
    expect((await change(form({ summary: '' }))).body.summary).toBeNull()
  })

  test.each([null, { text: '', content_type: 'text/plain' }, { text: null, content_type: 'text/markdown' }])(
    'clears the summary for %j',
    async (summary) => {
      await change(json({ summary: { text: 'Hi', content_type: 'text/plain' } }))
      expect((await change(json({ summary }))).body).toMatchObject({ summary: null })
      expect(await me()).toMatchObject({ summary: null })
    },
  )

  test('takes the dates after which people are asked for support, or none', async () => {
    const dates = {
      instance_support_message_display_date: '2030-01-02T03:04:05+02:00',
      funkwhale_support_message_display_date: null,
    }
    expect((await change(json(dates))).body).toMatchObject({
      ...dates,
      instance_support_message_display_date: '2030-01-02T01:04:05.000Z',
    })
    expect((await change(form({ instance_support_message_display_date: '' }))).body).toMatchObject({
      instance_support_message_display_date: null,
    })
  })

  test.each([
    ['name', 'x'.repeat(256), 'Ensure this field has no more than 255 characters.'],
    ['name', null, 'This field may not be null.'],
    ['name', ['a'], 'Not a valid string.'],
    ['name', 'a\nb', 'Control characters are not allowed.'],
    ['privacy_level', 'q', '"q" is not a valid choice.'],
    ['avatar', null, 'This field may not be null.'],
    ['avatar', 'x', 'Must be a valid UUID.'],
    ['avatar', { not: '' }, 'Not a valid string.'],
    [
      'avatar',
      'ffffffff-0000-4000-8000-000000000000',
      'Object with uuid=ffffffff-0000-4000-8000-000000000000 does not exist.',
    ],
    ['summary', 'x', 'Expected a dictionary.'],
  ])('refuses %s: %j', async (field, value, message) => {
    expect(await change(json({ [field]: value }))).toEqual({ status: 400, body: { [field]: [message] } })
  })

  test.each(['yesterday', '2030-13-01T00:00:00Z', '0001-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', 5, {}])(
    'refuses %j for a date',
    async (date) => {
      const { status, body } = await change(json({ instance_support_message_display_date: date }))
      expect([status, Object.keys(body)]).toEqual([400, ['instance_support_message_display_date']])
    },
  )

  test('says how a date has to look', async () => {
    const { body } = await change(json({ instance_support_message_display_date: '2030-01-02' }))
    expect(body.instance_support_message_display_date).toEqual([expect.stringContaining('Datetime has wrong format.')])
  })

  test('names the part of a summary that is wrong', async () => {
    const text = 'x'.repeat(5001)
    expect((await change(json({ summary: { text, content_type: 'text/css' } }))).body).toEqual({
      summary: {
        text: ['Ensure this field has no more than 5000 characters.'],
        content_type: ['"text/css" is not a valid choice.'],
      },
    })
    expect((await change(json({ summary: { text: 'x' } }))).status).toBe(400)
    expect((await change(form({ summary: '{"text":"\\u0000","content_type":"text/plain"}' }))).status).toBe(400)
  })

  test('changes nothing that is not the user’s to change (S65)', async () => {
    const before = await me()
    await change(json({ is_superuser: true, email: 'x@example.org', username: 'root', isStaff: true, id: 1 }))
    expect(await me()).toEqual({ ...before, tokens: { listen: expect.any(String) } })
  })
})

describe('who may change a profile', () => {
  test('nobody else’s: 403, whatever is sent (S68)', async () => {
    await aUser(pod.db, { username: 'bob' })
    for (const [url, body] of [
      ['/api/v1/users/bob/', { name: 'x' }],
      ['/api/v1/users/bob/', { privacy_level: 'q' }],
      ['/api/v1/users/nobody/', { name: 'x' }],
    ] as const) {
      expect((await change(json(body), { url })).status).toBe(403)
      expect((await change(json(body), { url, method: 'PUT' })).status).toBe(403)
    }
    expect(await pod.db.user.findUnique({ where: { usernameKey: 'bob' } })).toMatchObject({ name: '' })
  })

  test('not without credentials, nor with a token for other things', async () => {
    expect((await change(json({ name: 'x' }), { by: {} })).status).toBe(401)
    expect((await change(json({ name: 'x' }), { by: await tokenOf(pod, user, 'read') })).status).toBe(403)
    expect((await change(json({ name: 'x' }), { by: await tokenOf(pod, user, 'write:libraries') })).status).toBe(403)
  })

  test('an application token of their own, and a browser with its CSRF token', async () => {
    const by = await applicationTokenOf(pod, user, 'write:profile')
    expect((await change(json({ name: 'x' }), { by })).status).toBe(200)
    const { browser, user: other } = await signedIn(pod)
    const { cookie, ...csrf } = asScript(browser)
    const url = `/api/v1/users/${other.username}`
    expect((await change(json({ name: 'x' }), { by: { cookie, ...csrf }, url })).status).toBe(200)
    expect((await change(json({ name: 'x' }), { by: { cookie }, url })).status).toBe(403)
  })

  test.each(['GET', 'POST', 'DELETE'] as const)('there is no public profile: %s is 405', async (method) => {
    expect((await send(pod, method, own, { headers })).statusCode).toBe(405)
  })
})

describe('the avatar', () => {
  test('is a picture that the user has uploaded', async () => {
    const picture = await uploadedPicture()
    const { status, body } = await change(json({ avatar: picture.uuid.toUpperCase() }))
    expect([status, body.avatar]).toEqual([200, picture])
    expect(await me()).toMatchObject({ avatar: picture })
  })

  test('is never somebody else’s picture (S68)', async () => {
    const stranger = await aUser(pod.db)
    const { uuid } = await uploadedPicture(await tokenOf(pod, stranger, 'write'))
    expect((await change(json({ avatar: uuid }))).body).toEqual({
      avatar: [`Object with uuid=${uuid} does not exist.`],
    })
  })

  test('may be sent again unchanged', async () => {
    const { uuid, urls } = await uploadedPicture()
    await change(json({ avatar: uuid }))
    expect((await change(json({ avatar: uuid, name: 'x' }))).status).toBe(200)
    expect(await isThere(urls.original)).toBe(true)
  })

  test('goes with its files when another takes its place', async () => {
    const [first, second] = [await uploadedPicture(), await uploadedPicture()]
    await change(json({ avatar: first.uuid }))
    await change(json({ avatar: second.uuid }))
    expect([await isThere(first.urls.original), await isThere(second.urls.original)]).toEqual([false, true])
    expect(await pod.db.attachment.count()).toBe(1)
  })
})

describe('POST users/settings', () => {
  const urls = ['/api/v1/users/settings/', '/api/v1/users/settings', '/api/v1/users/users/settings/']
  const remember = (value: unknown, by = headers) =>
    send(pod, 'POST', '/api/v1/users/settings', { body: json(value), headers: by })

  test.each(urls)('%s adds to what is there and answers with all of it', async (url) => {
    await pod.db.user.update({ where: { id: user.id }, data: { settings: { foo: 'bar' } } })
    const answer = await send(pod, 'POST', url, { body: json({ theme: 'dark' }), headers })
    expect([answer.statusCode, answer.json()]).toEqual([200, { foo: 'bar', theme: 'dark' }])
    expect(await me()).toMatchObject({ settings: { foo: 'bar', theme: 'dark' } })
  })

  test('replaces whole keys and keeps every kind of value', async () => {
    await remember({ a: { b: 1 }, list: [1, null, true] })
    expect((await remember({ a: { c: 'x' }, n: null })).json()).toEqual({
      a: { c: 'x' },
      list: [1, null, true],
      n: null,
    })
  })

  test('loses nothing when several come at once', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `k${i}`)
    await Promise.all(names.map((name) => remember({ [name]: 1 })))
    expect(Object.keys((await me()).settings).sort()).toEqual(names)
  })

  test.each([[[1]], ['x'], [5]])('refuses %j, which is no object', async (value) => {
    const answer = await remember(value)
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ['non_field_errors']])
  })

  test('refuses more than 50,000 characters in all, and keeps what was there', async () => {
    expect((await remember({ a: 'x'.repeat(30_000) })).statusCode).toBe(200)
    expect((await remember({ b: 'x'.repeat(30_000) })).statusCode).toBe(400)
    expect((await remember({ a: 'short', b: 'x'.repeat(30_000) })).statusCode).toBe(200)
  })

  test('does not take the CSRF token of a form for a setting', async () => {
    const { browser } = await signedIn(pod)
    const { cookie, 'x-csrftoken': csrfmiddlewaretoken } = asScript(browser)
    const body = multipart({ language: 'de', csrfmiddlewaretoken })
    const answer = await send(pod, 'POST', '/api/v1/users/settings', { body, headers: { cookie } })
    expect(answer.json()).toEqual({ language: 'de' })
  })

  test('needs write:profile', async () => {
    expect((await remember({}, {})).statusCode).toBe(401)
    expect((await remember({}, await tokenOf(pod, user, 'read'))).statusCode).toBe(403)
  })
})

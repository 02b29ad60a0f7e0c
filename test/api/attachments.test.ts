import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { pruneAttachments } from '../../src/media/attachments.ts'
import { pictureFiles } from '../../src/media/picture-files.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser } from '../support/factories.ts'
import { signedIn } from '../support/oauth-flow.ts'
import { aPicture, fileBody } from '../support/pictures.ts'
import { asScript, form, json, multipart, send } from '../support/requests.ts'
import { tokenOf } from '../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
afterEach(() => vi.useRealTimers())
beforeEach(() => emptyDatabase(pod.db))

const url = '/api/v1/attachments/'

async function uploader(...scopes: string[]) {
  const user = await aUser(pod.db)
  return { user, headers: await tokenOf(pod, user, ...(scopes.length === 0 ? ['write:libraries'] : scopes)) }
}

async function upload(bytes: Uint8Array, headers: Record<string, string>, choices = {}) {
  return send(pod, 'POST', url, { body: await fileBody(bytes, choices), headers })
}

/** Uploads a picture and fetches one of its files. */
async function fetchVersion(bytes: Uint8Array, version: 'original' | 'medium_square_crop' | 'large_square_crop') {
  const { headers } = await uploader()
  const { urls } = (await upload(bytes, headers)).json()
  return pod.app.inject({ url: new URL(urls[version]).pathname })
}

describe('POST attachments', () => {
  test.each([url, '/api/v1/attachments'])('%s keeps a picture and says where it is', async (path) => {
    const { headers } = await uploader()
    const answer = await send(pod, 'POST', path, { body: await fileBody(await aPicture()), headers })
    expect(answer.statusCode).toBe(201)
    const { uuid } = answer.json()
    const file = (name: string) => `https://pod.example/media/attachments/${uuid}/${name}.png`
    expect(answer.json()).toEqual({
      uuid: expect.stringMatching(/^[\da-f-]{36}$/),
      size: expect.any(Number),
      mimetype: 'image/png',
      creation_date: expect.stringMatching(/Z$/),
      urls: {
        source: null,
        original: file('original'),
        medium_square_crop: file('medium_square_crop'),
        large_square_crop: file('large_square_crop'),
      },
    })
  })

  test.each([
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
    ['gif', 'image/png'],
  ] as const)('takes a %s and keeps it as %s', async (format, mimetype) => {
    const { headers } = await uploader()
    expect((await upload(await aPicture({ format }), headers)).json()).toMatchObject({ mimetype })
  })

  test.each(['../../evil.png', 'Picture.JPG', 'blob', 'photos.d/1'])(
    'goes by what the file is, not by its name and type: %s',
    async (name) => {
      const { headers } = await uploader()
      const choices = { name, type: 'image/svg+xml' }
      const answer = await upload(await aPicture({ format: 'jpeg' }), headers, choices)
      expect(answer.json()).toMatchObject({ mimetype: 'image/jpeg' })
    },
  )

  test.each(['picture.svg', 'picture.png.txt', 'picture.'])(
    'refuses a name that no picture has: %s (Q7)',
    async (name) => {
      const { headers } = await uploader()
      const answer = await upload(await aPicture(), headers, { name })
      const message = 'The name of the file has to end with .jpg, .jpeg, .png, .webp or .gif.'
      expect([answer.statusCode, answer.json()]).toEqual([400, { file: [message] }])
      expect(await pod.db.attachment.count()).toBe(0)
    },
  )

  test('serves a signed-in browser that sends its CSRF token, in the header or in the form (S60)', async () => {
    const { browser } = await signedIn(pod)
    const { cookie, 'x-csrftoken': token } = asScript(browser)
    const picture = await aPicture()
    expect((await upload(picture, { cookie, 'x-csrftoken': token })).statusCode).toBe(201)
    expect((await upload(picture, { cookie }, { fields: { csrfmiddlewaretoken: token } })).statusCode).toBe(201)
    expect((await upload(picture, { cookie })).statusCode).toBe(403)
  })

  test('refuses what is no picture, or only half of one', async () => {
    const { headers } = await uploader()
    const noise = await sharp(Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 256)), {
      raw: { width: 100, height: 100, channels: 3 },
    })
      .toFormat('jpeg')
      .toBuffer()
    const half = noise.subarray(0, noise.length / 2)
    for (const bytes of [Buffer.from('hello'), half]) {
      const answer = await upload(bytes, headers)
      expect([answer.statusCode, answer.json()]).toEqual([
        400,
        { file: ['Upload a valid image. The file you uploaded was either not an image or a corrupted image.'] },
      ])
    }
  })

  test.each(['tiff', 'avif'] as const)('never decodes other formats, like %s', async (format) => {
    const { headers } = await uploader()
    const bytes = format === 'tiff' ? Buffer.from('49492a0008000000', 'hex') : Buffer.from('AAAAHGZ0eXBhdmlm', 'base64')
    expect((await upload(bytes, headers)).statusCode).toBe(400)
  })

  test('never reads SVG, which can hold scripts and references', async () => {
    const { headers } = await uploader()
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
    expect((await upload(Buffer.from(svg), headers)).statusCode).toBe(400)
  })

  test('refuses a small file that would unpack to very many pixels', async () => {
    const { headers } = await uploader()
    const bomb = await aPicture({ width: 8000, height: 8000 })
    expect(bomb.length).toBeLessThan(1_000_000)
    expect((await upload(bomb, headers)).json()).toEqual({ file: ['This picture has more than 50 million pixels.'] })
  })

  test('refuses a file of more than 5 MB (S89)', async () => {
    const { headers } = await uploader()
    for (const size of [5_000_001, 6_000_000]) {
      const answer = await upload(Buffer.alloc(size), headers)
      expect([answer.statusCode, answer.json()]).toEqual([413, { detail: 'The request body is too large.' }])
    }
  })

  test('names the field when there is no file in it', async () => {
    const { headers } = await uploader()
    const ask = async (body: Parameters<typeof send>[3]) => {
      const answer = await send(pod, 'POST', url, { ...body, headers })
      return [answer.statusCode, answer.json()]
    }
    expect(await ask({ body: multipart({ other: 'x' }) })).toEqual([400, { file: ['No file was submitted.'] }])
    expect(await ask({ body: multipart({ file: 'x' }) })).toEqual([
      400,
      { file: ['The submitted data was not a file.'] },
    ])
    expect(await ask({ body: json({ file: {} }) })).toEqual([400, { file: ['The submitted data was not a file.'] }])
    expect(await ask({ body: form({ file: 'x' }) })).toEqual([400, { file: ['The submitted data was not a file.'] }])
    expect(await ask({ body: await fileBody(Buffer.alloc(0)) })).toEqual([
      400,
      { file: ['The submitted file is empty.'] },
    ])
  })

  test('needs a token with write:libraries', async () => {
    const picture = await aPicture()
    expect((await upload(picture, {})).statusCode).toBe(401)
    const { headers } = await uploader('read', 'write:profile')
    expect((await upload(picture, headers)).statusCode).toBe(403)
    expect(await pod.db.attachment.count()).toBe(0)
  })

  test('lets nobody pile up pictures that are not in use', async () => {
    const { user, headers } = await uploader()
    const row = { ownerId: user.id, mimetype: 'image/png', size: 1, createdAt: new Date() }
    await pod.db.attachment.createMany({
      data: Array.from({ length: 50 }, (_, i) => ({ ...row, uuid: `00000000-0000-4000-8000-0000000000${10 + i}` })),
    })
    const answer = await upload(await aPicture(), headers)
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ['file']])
  })
})

describe('the files', () => {
  test('are squares of 200 and 600 pixels, and the picture itself', async () => {
    const bytes = await aPicture({ width: 300, height: 700, format: 'jpeg' })
    const sizes = [
      ['original', 300, 700],
      ['medium_square_crop', 200, 200],
      ['large_square_crop', 600, 600],
    ] as const
    for (const [version, width, height] of sizes) {
      const answer = await fetchVersion(bytes, version)
      expect(await sharp(answer.rawPayload).metadata()).toMatchObject({ format: 'jpeg', width, height })
    }
  })

  test('hold no metadata, and stand upright', async () => {
    const withPlace = await sharp(await aPicture({ width: 80, height: 40, format: 'jpeg' }))
      .withExif({ IFD0: { Copyright: 'Alice Secret' }, IFD3: { GPSLatitude: '51/1 30/1 3230/100' } })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    expect((await sharp(withPlace).metadata()).exif).toBeDefined()
    const { rawPayload } = await fetchVersion(withPlace, 'original')
    const { exif, icc, xmp, iptc, orientation, width, height } = await sharp(rawPayload).metadata()
    expect({ exif, icc, xmp, iptc, orientation, width, height }).toEqual({ width: 40, height: 80 })
    expect(rawPayload.includes('Secret')).toBe(false)
  })

  test('hold nothing that was hidden behind the picture', async () => {
    const polyglot = Buffer.concat([await aPicture(), Buffer.from('<script>alert(1)</script>')])
    expect((await fetchVersion(polyglot, 'original')).body).not.toContain('script')
  })

  test('are made smaller when they are very large', async () => {
    const { rawPayload } = await fetchVersion(await aPicture({ width: 6000, height: 1000 }), 'original')
    expect(await sharp(rawPayload).metadata()).toMatchObject({ width: 3000, height: 500 })
  })

  test('may be kept by browsers, and are pictures and nothing else to them (S69)', async () => {
    const answer = await fetchVersion(await aPicture({ format: 'webp' }), 'original')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-length': String(answer.rawPayload.length),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    })
  })

  test('answer HEAD without a body', async () => {
    const { headers } = await uploader()
    const { urls } = (await upload(await aPicture(), headers)).json()
    const answer = await pod.app.inject({ method: 'HEAD', url: new URL(urls.original).pathname })
    expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([200, '', 'image/png'])
  })

  test.each([
    'ffffffff-0000-4000-8000-000000000000/original.png',
    'ffffffff-0000-4000-8000-000000000000/other.png',
    'not-a-uuid/original.png',
    '..%2f..%2fetc/passwd',
    '../../package.json',
  ])('are 404 where there is none: %s', async (path) => {
    expect((await pod.app.inject({ url: `/media/attachments/${path}` })).statusCode).toBe(404)
  })
})

describe('GET attachments/{uuid}', () => {
  test('shows what the upload showed, to tokens with read:libraries', async () => {
    const { headers } = await uploader()
    const uploaded = (await upload(await aPicture(), headers)).json()
    const other = await uploader('read:libraries')
    const answer = await send(pod, 'GET', `${url}${uploaded.uuid}/`, { headers: other.headers })
    expect([answer.statusCode, answer.json()]).toEqual([200, uploaded])
    expect((await send(pod, 'GET', `${url}${uploaded.uuid}`, { headers })).statusCode).toBe(403)
  })

  test('is open to everybody only where the pod’s setting says so', async () => {
    const { headers } = await uploader()
    const { uuid } = (await upload(await aPicture(), headers)).json()
    expect((await send(pod, 'GET', url + uuid)).statusCode).toBe(401)
    const open = await testApp({ dataDir: pod.config.dataDir, apiAuthenticationRequired: false })
    expect((await send(open, 'GET', url + uuid)).statusCode).toBe(200)
    await open.close()
  })

  test.each(['ffffffff-0000-4000-8000-000000000000', 'x', '%27'])('is 404 for %s', async (uuid) => {
    const { headers } = await uploader('read')
    expect((await send(pod, 'GET', url + uuid, { headers })).statusCode).toBe(404)
  })

  test('lists none: 405', async () => {
    const { headers } = await uploader('read')
    expect((await send(pod, 'GET', url, { headers })).statusCode).toBe(405)
  })
})

describe('GET attachments/{uuid}/proxy', () => {
  test('leads everybody to the file asked for, or to the original', async () => {
    const { headers } = await uploader()
    const { uuid, urls } = (await upload(await aPicture(), headers)).json()
    const follow = async (query: string) => {
      const answer = await send(pod, 'GET', `${url}${uuid}/proxy${query}`)
      return [answer.statusCode, answer.headers.location]
    }
    expect(await follow('?next=medium_square_crop')).toEqual([302, urls.medium_square_crop])
    expect(await follow('?next=large_square_crop')).toEqual([302, urls.large_square_crop])
    expect(await follow('?next=original')).toEqual([302, urls.original])
    expect(await follow('')).toEqual([302, urls.original])
    expect(await follow('?next=https://evil.example')).toEqual([302, urls.original])
  })

  test('is 404 for a picture that is not there', async () => {
    expect((await send(pod, 'GET', `${url}ffffffff-0000-4000-8000-000000000000/proxy`)).statusCode).toBe(404)
  })
})

describe('DELETE attachments/{uuid}', () => {
  test('removes the picture and its files', async () => {
    const { headers } = await uploader()
    const { uuid, urls } = (await upload(await aPicture(), headers)).json()
    expect((await send(pod, 'DELETE', `${url}${uuid}/`, { headers })).statusCode).toBe(204)
    expect((await pod.app.inject({ url: new URL(urls.original).pathname })).statusCode).toBe(404)
    expect((await send(pod, 'DELETE', `${url}${uuid}/`, { headers })).statusCode).toBe(404)
  })

  test('is 403 for somebody else’s, and 401 or 403 without write:libraries', async () => {
    const { headers } = await uploader()
    const { uuid } = (await upload(await aPicture(), headers)).json()
    const stranger = await uploader()
    const reader = await uploader('read')
    expect((await send(pod, 'DELETE', url + uuid, { headers: stranger.headers })).statusCode).toBe(403)
    expect((await send(pod, 'DELETE', url + uuid, { headers: reader.headers })).statusCode).toBe(403)
    expect((await send(pod, 'DELETE', url + uuid)).statusCode).toBe(401)
    expect(await pod.db.attachment.count()).toBe(1)
  })

  test('takes the avatar away from a user who deletes it', async () => {
    const { user, headers } = await uploader()
    const { uuid } = (await upload(await aPicture(), headers)).json()
    await pod.db.user.update({ where: { id: user.id }, data: { avatar: { connect: { uuid } } } })
    expect((await send(pod, 'DELETE', url + uuid, { headers })).statusCode).toBe(204)
    expect(await pod.db.user.findUnique({ where: { id: user.id } })).toMatchObject({ avatarId: null })
  })
})

test('pictures that nobody put to use within a day go, with their files', async () => {
  const { user, headers } = await uploader()
  const [used, unused] = [
    (await upload(await aPicture(), headers)).json(),
    (await upload(await aPicture(), headers)).json(),
  ]
  await pod.db.user.update({ where: { id: user.id }, data: { avatar: { connect: { uuid: used.uuid } } } })
  const files = pictureFiles(pod.config.dataDir)
  expect(await pruneAttachments(pod.db, files, new Date())).toBe(0)
  const tomorrow = new Date(Date.now() + 25 * 3_600_000)
  expect(await pruneAttachments(pod.db, files, tomorrow)).toBe(1)
  expect(await pruneAttachments(pod.db, files, tomorrow)).toBe(0)
  expect((await pod.app.inject({ url: new URL(unused.urls.original).pathname })).statusCode).toBe(404)
  expect((await pod.app.inject({ url: new URL(used.urls.original).pathname })).statusCode).toBe(200)
})

test('a picture that cannot be noted in the database leaves no files', async () => {
  const { headers } = await uploader()
  const folder = join(pod.config.dataDir, 'media', 'attachments')
  const count = async () =>
    existsSync(folder) ? (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png')).length : 0
  const before = await count()
  vi.spyOn(pod.db.attachment, 'create').mockRejectedValueOnce(new Error('no'))
  expect((await upload(await aPicture(), headers)).statusCode).toBe(500)
  expect(await count()).toBe(before)
})

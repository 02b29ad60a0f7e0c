import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { aLibrary, anUpload, aTrack } from '../../support/music.ts'
import { bodies, json, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let alice: User
let headers: Record<string, string>
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  alice = await aUser(pod.db, { username: 'alice', name: 'Alice' })
  headers = await tokenOf(pod, alice, 'read:libraries', 'write:libraries')
})

const url = '/api/v1/libraries/'

async function names(query = '', as: Record<string, string> = headers) {
  const answer = await send(pod, 'GET', `${url}${query}`, { headers: as })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().results.map(({ name }: { name: string }) => name)
}

/** Three of somebody else's, one for each level, and a private one of Alice's; newest last. */
async function someLibraries() {
  const bob = await aUser(pod.db, { username: 'Bob' })
  await aLibrary(pod.db, { owner: bob, name: 'For me', privacyLevel: 'me' })
  await aLibrary(pod.db, { owner: bob, name: 'For the pod', privacyLevel: 'instance' })
  await aLibrary(pod.db, { owner: bob, name: 'For all', privacyLevel: 'everyone' })
  return { bob, own: await aLibrary(pod.db, { owner: alice, name: 'Own' }) }
}

describe('POST libraries', () => {
  test.each(['json', 'form', 'multipart'] as const)('creates a library from %s', async (kind) => {
    const body = bodies[kind]({ name: 'Songs', description: 'Of whales', privacy_level: 'instance' })
    const answer = await send(pod, 'POST', url, { body, headers })
    expect(answer.statusCode, answer.body).toBe(201)
    const { uuid, actor, creation_date } = answer.json()
    expect(answer.json()).toEqual({
      uuid: expect.stringMatching(/^[\da-f-]{36}$/),
      fid: `https://pod.example/federation/music/libraries/${uuid}`,
      name: 'Songs',
      description: 'Of whales',
      privacy_level: 'instance',
      uploads_count: 0,
      size: 0,
      creation_date,
      actor,
    })
    expect(creation_date).toMatch(/^\d{4}-\d\d-\d\dT.*\.\d{3,6}Z$/)
    expect(actor).toMatchObject({ full_username: 'alice@pod.example', name: 'Alice' })
  })

  test('is private and without description unless told otherwise', async () => {
    const answer = await send(pod, 'POST', url, { body: json({ name: 'Songs' }), headers })
    expect(answer.json()).toMatchObject({ privacy_level: 'me', description: null })
  })

  test.each([
    [{}, { name: ['This field is required.'] }],
    [{ name: ' ' }, { name: ['This field may not be blank.'] }],
    [{ name: 'x'.repeat(101) }, { name: ['Ensure this field has no more than 100 characters.'] }],
    [{ name: 'a', privacy_level: 'followers' }, { privacy_level: ['"followers" is not a valid choice.'] }],
    [
      { name: 'a', description: 'x'.repeat(5001) },
      { description: ['Ensure this field has no more than 5000 characters.'] },
    ],
  ])('refuses %j', async (fields, message) => {
    const answer = await send(pod, 'POST', url, { body: json(fields), headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual(message)
  })
})

describe('GET libraries', () => {
  test('lists own ones and those that are shown to the pod, newest first', async () => {
    await someLibraries()
    expect(await names()).toEqual(['Own', 'For all', 'For the pod'])
  })

  test('lists for everybody only what is for everyone, where the pod is open', async () => {
    await someLibraries()
    expect((await send(pod, 'GET', url)).statusCode).toBe(401)
    await openPod(pod)
    expect(await names('', {})).toEqual(['For all'])
  })

  test.each([
    ['?scope=me', ['Own']],
    ['?scope=actor:bob@pod.example', ['For all', 'For the pod']],
    ['?scope=me,actor:BOB@pod.example', ['Own', 'For all', 'For the pod']],
    ['?scope=subscribed', []],
    ['?scope=nonsense', []],
    ['?scope=all', ['Own', 'For all', 'For the pod']],
    ['?privacy_level=everyone', ['For all']],
    ['?q=FOR', ['For all', 'For the pod']],
    ['?q=for+pod', ['For the pod']],
    ['?q="for+the"', ['For the pod']],
    ['?q=%25', []],
    ['?q=f_r', []],
    ['?ordering=name', ['For all', 'For the pod', 'Own']],
    ['?ordering=-name', ['Own', 'For the pod', 'For all']],
    ['?ordering=creation_date', ['For the pod', 'For all', 'Own']],
    ['?ordering=nonsense', ['Own', 'For all', 'For the pod']],
    ['?page_size=1&page=2', ['For all']],
  ])('%s lists %j', async (query, expected) => {
    await someLibraries()
    expect(await names(query)).toEqual(expected)
  })

  test('refuses a level that does not exist', async () => {
    const answer = await send(pod, 'GET', `${url}?privacy_level=secret`, { headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toHaveProperty('privacy_level')
  })

  test('counts uploads of any status and what they take', async () => {
    const { own } = await someLibraries()
    await anUpload(pod.db, { libraryId: own.id, size: 1000n })
    await anUpload(pod.db, { libraryId: own.id, size: 3_000_000_000n, importStatus: 'draft' })
    const answer = await send(pod, 'GET', `${url}?scope=me`, { headers })
    expect(answer.json().results).toMatchObject([{ uploads_count: 2, size: 3_000_001_000 }])
  })
})

describe('GET libraries/<uuid>', () => {
  test('shows any library to who knows its uuid', async () => {
    const library = await aLibrary(pod.db, { name: 'Secret' })
    const answer = await send(pod, 'GET', url + library.uuid, { headers })
    expect(answer.json()).toMatchObject({ name: 'Secret', privacy_level: 'me' })
  })

  test('knows a uuid in capitals, as some clients write it', async () => {
    const { uuid } = await aLibrary(pod.db)
    expect((await send(pod, 'GET', url + uuid.toUpperCase(), { headers })).json()).toMatchObject({ uuid })
  })

  test.each(['00000000-0000-4000-8000-000000000000', 'nonsense', '1', '%00'])('%s is not there', async (uuid) => {
    expect((await send(pod, 'GET', url + uuid, { headers })).statusCode).toBe(404)
  })
})

describe('PATCH, PUT and DELETE libraries/<uuid>', () => {
  test('PATCH changes what is given', async () => {
    const { uuid } = await aLibrary(pod.db, { owner: alice, name: 'Old', description: 'Stays' })
    const body = json({ name: 'New', privacy_level: 'everyone' })
    const answer = await send(pod, 'PATCH', url + uuid, { body, headers })
    expect(answer.json()).toMatchObject({ uuid, name: 'New', description: 'Stays', privacy_level: 'everyone' })
    const cleared = await send(pod, 'PATCH', url + uuid, { body: json({ description: null }), headers })
    expect(cleared.json()).toMatchObject({ name: 'New', description: null })
  })

  test('PUT demands a name', async () => {
    const { uuid } = await aLibrary(pod.db, { owner: alice })
    const answer = await send(pod, 'PUT', url + uuid, { body: json({ privacy_level: 'everyone' }), headers })
    expect(answer.statusCode).toBe(400)
    const good = await send(pod, 'PUT', url + uuid, { body: json({ name: 'Whole' }), headers })
    expect(good.json()).toMatchObject({ name: 'Whole' })
  })

  test('DELETE takes uploads and their files along; tracks stay', async () => {
    const library = await aLibrary(pod.db, { owner: alice })
    const track = await aTrack(pod.db)
    const [one, other] = await Promise.all(
      ['one', 'other'].map((text) => pod.services.media.store(Readable.from([text]), { extension: 'mp3' })),
    )
    const upload = await anUpload(pod.db, { libraryId: library.id, trackId: track.id, fileKey: one?.fileKey ?? '' })
    const now = new Date()
    const copy = { mimetype: 'audio/ogg', bitrate: 1, size: 1n, createdAt: now, accessedAt: now }
    await pod.db.transcodedFile.create({ data: { ...copy, uploadId: upload.id, fileKey: other?.fileKey ?? '' } })
    expect((await send(pod, 'DELETE', url + library.uuid, { headers })).statusCode).toBe(204)
    expect(await pod.db.upload.count()).toBe(0)
    expect(await pod.db.track.count()).toBe(1)
    expect(await pod.services.media.stat(one?.fileKey ?? '')).toBeUndefined()
    expect(await pod.services.media.stat(other?.fileKey ?? '')).toBeUndefined()
  })

  test.each(['PATCH', 'PUT', 'DELETE'] as const)('%s of somebody else’s is not found', async (method) => {
    const { uuid } = await aLibrary(pod.db, { name: 'Bob’s', privacyLevel: 'everyone' })
    const answer = await send(pod, method, url + uuid, { body: json({ name: 'Mine' }), headers })
    expect(answer.statusCode).toBe(404)
    expect(await pod.db.library.findUnique({ where: { uuid } })).toMatchObject({ name: 'Bob’s' })
  })
})

describe('GET libraries/<uuid>/follows', () => {
  const followers = (uuid: string, as: Record<string, string> = headers) =>
    send(pod, 'GET', `${url}${uuid}/follows/`, { headers: as })

  test('nobody follows one’s own; somebody else’s is not found, nor what is no library', async () => {
    const [own, foreign] = [await aLibrary(pod.db, { owner: alice }), await aLibrary(pod.db)]
    expect((await followers(own.uuid)).json()).toEqual({ count: 0, next: null, previous: null, results: [] })
    expect((await followers(foreign.uuid)).statusCode).toBe(404)
    expect((await followers('nonsense')).statusCode).toBe(404)
  })

  test('needs read:libraries, also where the pod is open (Q21)', async () => {
    const { uuid } = await aLibrary(pod.db, { owner: alice })
    expect((await followers(uuid, await tokenOf(pod, alice, 'write:libraries'))).statusCode).toBe(403)
    await openPod(pod)
    expect((await followers(uuid, {})).statusCode).toBe(401)
  })
})

describe('access to libraries', () => {
  test.each([
    ['GET', 'read:libraries', 200],
    ['POST', 'write:libraries', 201],
  ] as const)('%s needs %s', async (method, scope, status) => {
    const [body, other] = [json({ name: 'a' }), scope.startsWith('read') ? 'write' : 'read:libraries']
    const ask = async (scopes: string[]) => {
      const answer = await send(pod, method, url, {
        headers: await tokenOf(pod, alice, ...scopes),
        ...(method === 'POST' && { body }),
      })
      return answer.statusCode
    }
    expect(await ask([scope])).toBe(status)
    expect(await ask([other])).toBe(403)
    expect((await send(pod, method, url, method === 'POST' ? { body } : {})).statusCode).toBe(401)
  })
})

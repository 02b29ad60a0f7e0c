import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser, password } from '../../support/factories.ts'
import { aLibrary, anUpload, aPlaylist, aTrack } from '../../support/music.ts'
import { aCode, exchange, refresh, signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'
import { aPicture, fileBody } from '../../support/pictures.ts'
import { asScript, type Body, bearer, bodies, type Headers, json, send } from '../../support/requests.ts'
import { applicationTokenOf, tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const sure = { password, confirm: true }

const remove = (headers: Headers, body: Body = json(sure), url = '/api/v1/users/me/') =>
  send(pod, 'DELETE', url, { body, headers })

async function someone() {
  const user = await aUser(pod.db)
  return { user, headers: await tokenOf(pod, user, 'write') }
}

describe('DELETE users/me', () => {
  test.each(['/api/v1/users/me', '/api/v1/users/me/', '/api/v1/users/users/me/'])(
    '%s deletes the user',
    async (url) => {
      const { headers } = await someone()
      const answer = await remove(headers, json(sure), url)
      expect([answer.statusCode, answer.body]).toEqual([204, ''])
      expect(await pod.db.user.count()).toBe(0)
    },
  )

  test.each(['json', 'form', 'multipart'] as const)('takes a body of the kind %s', async (kind) => {
    const { headers } = await someone()
    expect((await remove(headers, bodies[kind]({ password, confirm: 'true' }))).statusCode).toBe(204)
  })

  test.each([
    [{ password: 'wrong horse', confirm: true }, { password: ['That is not your password.'] }],
    [{ password: '', confirm: true }, { password: ['This field may not be blank.'] }],
    [{ confirm: true }, { password: ['This field is required.'] }],
    [{ password }, { confirm: ['This field is required.'] }],
    [{ password, confirm: false }, { confirm: ['Please confirm deletion.'] }],
    [{ password, confirm: 'maybe' }, { confirm: ['Must be a valid boolean.'] }],
    [{ password: { not: '' }, confirm: true }, { password: ['Not a valid string.'] }],
    [{}, { password: ['This field is required.'], confirm: ['This field is required.'] }],
  ])('refuses %j and deletes nothing', async (body, fields) => {
    const { headers } = await someone()
    const answer = await remove(headers, json(body))
    expect([answer.statusCode, answer.json()]).toEqual([400, fields])
    expect(await pod.db.user.count()).toBe(1)
  })

  test('needs write:profile', async () => {
    const { user } = await someone()
    expect((await remove({})).statusCode).toBe(401)
    expect((await remove(await tokenOf(pod, user, 'read'))).statusCode).toBe(403)
    expect(await pod.db.user.count()).toBe(1)
  })

  test('signs the browser out, and needs its CSRF token', async () => {
    const { browser } = await signedIn(pod)
    const { cookie, ...csrf } = asScript(browser)
    expect((await remove({ cookie })).statusCode).toBe(403)
    const answer = await remove({ cookie, ...csrf })
    expect(answer.statusCode).toBe(204)
    expect(answer.cookies.find(({ name }) => name === '__Host-sessionid')).toMatchObject({ value: '' })
    expect((await send(pod, 'GET', '/api/v1/users/me', { headers: { cookie } })).statusCode).toBe(401)
  })

  test('is done once when two ask at the same time', async () => {
    const { headers } = await someone()
    const answers = await Promise.all([remove(headers), remove(headers)])
    for (const { statusCode } of answers) expect([204, 401, 404]).toContain(statusCode)
    expect(answers.some(({ statusCode }) => statusCode === 204)).toBe(true)
    expect(await pod.db.retiredUsername.count()).toBe(1)
  })
})

describe('after that', () => {
  test('no session, token, code or client of the user works', async () => {
    const { user, headers } = await someone()
    const client = await aClient(pod.db)
    const tokens = await someTokens(pod, client, { user })
    const code = await aCode(pod, client, { user })
    const application = await applicationTokenOf(pod, user, 'read')
    const browser = pod.browser()
    await browser.logIn(user.username, password)
    await remove(headers)
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(401)
    expect((await refresh(pod, client, tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await exchange(pod, client, code)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await send(pod, 'GET', '/api/v1/users/me', { headers: application })).statusCode).toBe(401)
    expect((await send(pod, 'GET', '/api/v1/users/me', { headers: asScript(browser) })).statusCode).toBe(401)
    expect(await pod.db.client.count({ where: { ownerId: user.id } })).toBe(0)
    expect(await pod.db.client.count({ where: { id: client.client.id } })).toBe(1)
  })

  test('the user’s pictures are gone, files included', async () => {
    const { headers } = await someone()
    const body = await fileBody(await aPicture())
    const { urls } = (await send(pod, 'POST', '/api/v1/attachments/', { body, headers })).json()
    await remove(headers)
    expect(await pod.db.attachment.count()).toBe(0)
    expect((await pod.app.inject({ url: new URL(urls.original).pathname })).statusCode).toBe(404)
  })

  /** An upload with a file and a transcoded copy, both on the disk. */
  async function aFilledLibrary(owner: User, trackId: number) {
    const { media } = pod.services
    const file = await media.store(Readable.from(['sound']), { extension: 'mp3' })
    const copy = await media.store(Readable.from(['less']), { extension: 'opus' })
    const { id: libraryId } = await aLibrary(pod.db, { owner })
    const { id: uploadId } = await anUpload(pod.db, { libraryId, trackId, fileKey: file.fileKey })
    const [now, size] = [new Date(), BigInt(copy.size)]
    const kind = { mimetype: 'audio/ogg', bitrate: 64_000, fileKey: copy.fileKey }
    await pod.db.transcodedFile.create({ data: { ...kind, uploadId, size, createdAt: now, accessedAt: now } })
    return [file.fileKey, copy.fileKey]
  }

  const areThere = (fileKeys: string[]) =>
    Promise.all(fileKeys.map(async (key) => (await pod.services.media.stat(key)) !== undefined))

  test('the user’s libraries, favorites, listenings and playlists are gone, audio files included; the music stays', async () => {
    const { user, headers } = await someone()
    const { user: other } = await someone()
    const track = await aTrack(pod.db, { attributedToId: user.id })
    const files = new Map<User, string[]>()
    for (const one of [user, other]) {
      files.set(one, await aFilledLibrary(one, track.id))
      const event = { userId: one.id, trackId: track.id, createdAt: new Date() }
      await pod.db.favorite.create({ data: event })
      await pod.db.listening.create({ data: event })
      await aPlaylist(pod.db, one, [track.id])
    }
    expect((await remove(headers)).statusCode).toBe(204)
    const { library, upload, transcodedFile, favorite, listening, playlist, playlistTrack } = pod.db
    const tables = [library, upload, transcodedFile, favorite, listening, playlist, playlistTrack]
    const counts = await Promise.all((tables as { count(): Promise<number> }[]).map((table) => table.count()))
    expect(counts).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(await areThere(files.get(user) ?? [])).toEqual([false, false])
    expect(await areThere(files.get(other) ?? [])).toEqual([true, true])
    expect(await pod.db.track.findMany()).toMatchObject([{ id: track.id, attributedToId: null }])
  })

  test('the user name is not free again', async () => {
    const { user, headers } = await someone()
    await remove(headers)
    expect(await pod.db.retiredUsername.findMany()).toMatchObject([{ usernameKey: user.username.toLowerCase() }])
    await expect(aUser(pod.db, { username: user.username.toUpperCase() })).rejects.toMatchObject({
      fields: { username: ['A user with that username already exists.'] },
    })
  })

  test('other people are as before', async () => {
    const { headers } = await someone()
    const other = await someone()
    await remove(headers)
    expect((await remove(other.headers, json({ password: 'x', confirm: true }))).statusCode).toBe(400)
    expect(await pod.db.user.count()).toBe(1)
    expect((await send(pod, 'GET', '/api/v1/users/me', { headers: bearer('nothing') })).statusCode).toBe(401)
  })
})

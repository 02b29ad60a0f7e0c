import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { signListenToken } from '../../../src/access/listen-tokens.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { someTokens } from '../../support/oauth-flow.ts'
import { bearer, type Headers, send } from '../../support/requests.ts'
import { type Sound, someSound } from '../../support/sound.ts'
import { applicationTokenOf, tokenOf } from '../../support/tokens.ts'

let pod: TestApp
let sound: Sound
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  sound = await someSound(pod)
})
afterEach(() => vi.useRealTimers())

const get = (url: string, headers: Headers = {}) => send(pod, 'GET', url, { headers })

async function listenToken(): Promise<string> {
  const me = await get('/api/v1/users/me', await tokenOf(pod, sound.owner, 'read:profile', 'read:libraries'))
  return me.json().tokens.listen
}

async function accessToken(...scopes: string[]): Promise<string> {
  const client = await aClient(pod.db)
  return (await someTokens(pod, client, { user: sound.owner, scopes })).access_token
}

test('the listen token of users/me lets a media element hear what its user may', async () => {
  const token = await listenToken()
  const { url, track } = sound
  expect((await get(`${url}?token=${token}`)).statusCode).toBe(200)
  expect((await get(`${url}?to=mp3&upload=${sound.upload.uuid}&token=${token}`)).statusCode).toBe(200)
  expect((await get(`/api/v1/stream/${track.uuid}.mp3?token=${token}`)).statusCode).toBe(200)
  expect((await send(pod, 'HEAD', `${url}?token=${token}`)).statusCode).toBe(200)
  const others = await someSound(pod)
  expect((await get(`${others.url}?token=${token}`)).statusCode).toBe(404)
})

test('an access token with read:libraries does as well (design of players)', async () => {
  expect((await get(`${sound.url}?token=${await accessToken('read:libraries')}`)).statusCode).toBe(200)
  expect((await get(`${sound.url}?token=${await accessToken('read')}`)).statusCode).toBe(200)
})

test('an access token without that scope is 403', async () => {
  const answer = await get(`${sound.url}?token=${await accessToken('read:playlists')}`)
  expect(answer.statusCode).toBe(403)
  expect(answer.headers['www-authenticate']).toContain('insufficient_scope')
})

test('an invalid token is 401, even for what is public', async () => {
  await openPod(pod)
  const { url } = await someSound(pod, { privacyLevel: 'everyone' })
  expect((await get(url)).statusCode).toBe(200)
  expect((await get(`${url}?token=`)).statusCode).toBe(200)
  const genuine = await listenToken()
  const someApplicationToken = (await applicationTokenOf(pod, sound.owner, 'read')).authorization?.split(' ')[1]
  const invalid = [
    'x',
    `${genuine}x`,
    `${genuine.slice(0, -1)}${genuine.endsWith('A') ? 'B' : 'A'}`,
    genuine.replace(/^\d+/, '999999999'),
    genuine.replace(/^\d+/, '9999999999'),
    `bla_${'x'.repeat(43)}`,
    someApplicationToken,
  ]
  for (const token of invalid) {
    const answer = await get(`${url}?token=${token}`)
    expect(answer.statusCode, token).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('invalid_token')
    expect(answer.json()).toHaveProperty('detail')
  }
})

test('a listen token ends after three days, with the password, and with the account', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const sign = async () => {
    const owner = await pod.db.user.findUniqueOrThrow({ where: { id: sound.owner.id } })
    return signListenToken(pod.services.podSecrets.listen, owner, new Date())
  }
  const statusOf = async (token: string) => (await get(`${sound.url}?token=${token}`)).statusCode
  const first = await sign()
  expect(await statusOf(first)).toBe(200)
  vi.setSystemTime(Date.now() + 3 * 86_400_000 + 1000)
  expect(await statusOf(first)).toBe(401)
  const second = await sign()
  await pod.db.user.update({ where: { id: sound.owner.id }, data: { secretKey: Buffer.from('changed') } })
  expect(await statusOf(second)).toBe(401)
  const third = await sign()
  expect(await statusOf(third)).toBe(200)
  await pod.db.user.update({ where: { id: sound.owner.id }, data: { isActive: false } })
  expect(await statusOf(third)).toBe(401)
})

test('a token in the query is no credential anywhere else (S41)', async () => {
  const token = await accessToken('read')
  const listen = await listenToken()
  for (const url of ['/api/v1/users/me', '/api/v1/tracks', '/api/v1/libraries', '/api/v1/favorites/tracks']) {
    expect((await get(`${url}?token=${token}`)).statusCode, url).toBe(401)
    expect((await get(`${url}?token=${listen}`)).statusCode, url).toBe(401)
  }
  expect((await get('/api/v1/tracks', bearer(listen))).statusCode).toBe(401)
})

test('an access token in header and query is one way too many (RFC 6750 §2); a listen token there is beside the point', async () => {
  const token = await accessToken('read:libraries')
  expect((await get(`${sound.url}?token=${token}`, bearer(token))).statusCode).toBe(400)
  expect((await get(`${sound.url}?token=${await listenToken()}`, bearer(token))).statusCode).toBe(200)
})

test('a listen token says who listens: downloads count for its user', async () => {
  const token = await listenToken()
  await get(`${sound.url}?token=${token}`)
  await get(sound.url, await tokenOf(pod, sound.owner, 'read:libraries'))
  await pod.services.mediaUsage.flush()
  expect(await pod.db.upload.findUniqueOrThrow({ where: { id: sound.upload.id } })).toMatchObject({ downloadsCount: 1 })
})

test('where addresses must be confirmed, listen tokens of unconfirmed accounts are worth nothing', async () => {
  const strict = await testApp({ accountEmailVerificationEnforce: true })
  const owner = await aUser(pod.db, { emailVerifiedAt: null })
  const token = signListenToken(strict.services.podSecrets.listen, owner, new Date())
  const status = async () => (await strict.app.inject(`${sound.url}?token=${token}`)).statusCode
  expect(await status()).toBe(401)
  await pod.db.user.update({ where: { id: owner.id }, data: { emailVerifiedAt: new Date() } })
  expect(await status()).toBe(404)
  await strict.close()
})

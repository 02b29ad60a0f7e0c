import { randomBytes } from 'node:crypto'
import { readdir, readlink } from 'node:fs/promises'
import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { signListenToken } from '../../../src/access/listen-tokens.ts'
import { listeningApp, type TestApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { postAs, refresh, someTokens } from '../../support/oauth-flow.ts'
import { bearer } from '../../support/requests.ts'
import { type Sound, someSound } from '../../support/sound.ts'
import { applicationTokenOf } from '../../support/tokens.ts'

type Pod = TestApp & { url: string }

/** More than the buffers of a connection hold. */
const long = randomBytes(30_000_000)

let pod: Pod
let sound: Sound
beforeAll(async () => {
  pod = await listeningApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  sound = await someSound(pod, { bytes: long })
})

interface Player {
  request: ClientRequest
  answer: IncomingMessage
  /** What the player got, and whether that was all. */
  rest(): Promise<{ bytes: Buffer; isWhole: boolean }>
}

/** Asks and reads nothing, until told to. */
async function aPlayer(headers: Record<string, string>, url = sound.url, at = pod): Promise<Player> {
  const request = httpGet(at.url + url, { headers, agent: false })
  request.on('error', () => undefined)
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  expect(answer.statusCode).toBe(200)
  const rest = async () => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of answer) chunks.push(chunk)
    } catch {
      return { bytes: Buffer.concat(chunks), isWhole: false }
    }
    return { bytes: Buffer.concat(chunks), isWhole: true }
  }
  return { request, answer, rest }
}

async function openFiles(): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
  return (await Promise.all(links)).filter((path) => path.includes('/media/audio/')).length
}

async function aToken(...scopes: string[]) {
  const client = await aClient(pod.db)
  const tokens = await someTokens(pod, client, { user: sound.owner, scopes })
  return { client, ...tokens }
}

test('a slow player gets everything, and the file is read no faster than it is sent', async () => {
  const { access_token } = await aToken('read:libraries')
  const before = process.memoryUsage().arrayBuffers
  const players = await Promise.all(Array.from({ length: 5 }, () => aPlayer(bearer(access_token))))
  await expect.poll(openFiles, { timeout: 15_000 }).toBe(5)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * long.length)
  for (const player of players) expect((await player.rest()).bytes.equals(long)).toBe(true)
  await expect.poll(openFiles, { timeout: 15_000 }).toBe(0)
})

test('a player that goes away leaves no file open', async () => {
  const { access_token } = await aToken('read:libraries')
  for (let i = 0; i < 10; i++) (await aPlayer(bearer(access_token))).request.destroy()
  await expect.poll(openFiles, { timeout: 15_000 }).toBe(0)
})

test('a revoked token is dead for streams that are open (RFC 7009 §2.1)', async () => {
  const { client, access_token } = await aToken('read:libraries')
  const other = await aToken('read:libraries')
  const player = await aPlayer(bearer(access_token))
  const byQuery = await aPlayer({}, `${sound.url}?token=${access_token}`)
  const goesOn = await aPlayer(bearer(other.access_token))
  await postAs(pod, client, 'revoke', { token: access_token })
  await expect.poll(openFiles, { timeout: 10_000 }).toBe(1)
  for (const ended of [player, byQuery]) {
    const { bytes, isWhole } = await ended.rest()
    expect(isWhole).toBe(false)
    expect(bytes.length).toBeLessThan(long.length)
  }
  expect(await goesOn.rest()).toMatchObject({ isWhole: true })
})

test('a token that its client replaces meanwhile does not interrupt the music', async () => {
  const { client, access_token, refresh_token } = await aToken('read:libraries')
  const player = await aPlayer(bearer(access_token))
  expect((await refresh(pod, client, refresh_token)).statusCode).toBe(200)
  const other = await aToken('read:libraries')
  const ended = await aPlayer(bearer(other.access_token))
  await postAs(pod, other.client, 'revoke', { token: other.access_token })
  expect((await ended.rest()).isWhole).toBe(false)
  expect((await player.rest()).isWhole).toBe(true)
})

test('streams end with the application token, the listen token and the account they rest on', async () => {
  const header = await applicationTokenOf(pod, sound.owner, 'read:libraries')
  const byApplication = await aPlayer(header as Record<string, string>)
  await pod.db.client.updateMany({ data: { applicationTokenHash: null } })
  expect((await byApplication.rest()).isWhole).toBe(false)

  const listen = signListenToken(pod.services.podSecrets.listen, sound.owner, new Date())
  const byListenToken = await aPlayer({}, `${sound.url}?token=${listen}`)
  const { access_token } = await aToken('read:libraries')
  const byUser = await aPlayer(bearer(access_token))
  await pod.db.user.update({ where: { id: sound.owner.id }, data: { isActive: false } })
  expect((await byListenToken.rest()).isWhole).toBe(false)
  expect((await byUser.rest()).isWhole).toBe(false)
})

test('a pod that closes does not wait for slow players', async () => {
  const second = await listeningApp()
  const { owner, url } = await someSound(second, { bytes: long })
  const header = await applicationTokenOf(second, owner, 'read:libraries')
  const player = await aPlayer(header as Record<string, string>, url, second)
  await second.close()
  expect((await player.rest()).isWhole).toBe(false)
})

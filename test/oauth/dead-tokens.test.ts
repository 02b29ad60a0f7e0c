import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { setActive } from '../../src/accounts/users.ts'
import type { User } from '../../src/db/generated/client.ts'
import {
  deleteClient,
  type Registered,
  renewApplicationToken,
  renewSecret,
  updateClient,
} from '../../src/oauth/clients/clients.ts'
import { narrowGrant, revokeAllGrants, revokeGrant } from '../../src/oauth/grants/grants.ts'
import { Browser } from '../support/browser.ts'
import { emptyDatabase, testDatabaseLocation } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import {
  aCode,
  authorizationUrl,
  exchange,
  postAs,
  refresh,
  signedIn,
  type Tokens,
  useToken,
} from '../support/oauth-flow.ts'
import { type WatchedPod, warm, watchedPod } from '../support/pods-together.ts'
import { bearer, send } from '../support/requests.ts'

// Tokens that were just used are known in memory. None of this may be late because of that.

let here: WatchedPod
let there: WatchedPod
beforeAll(async () => {
  const location = await testDatabaseLocation()
  here = await watchedPod(location)
  there = await watchedPod(location)
})
afterAll(() => Promise.all([here.close(), there.close()]))

interface Situation {
  owner: User
  user: User
  client: Registered & { secret: string }
  tokens: Tokens
  code: string
}

let situation: Situation
beforeEach(async () => {
  await emptyDatabase(here.db)
  const owner = await aUser(here.db)
  const user = await aUser(here.db)
  const client = await aClient(here.db, { ownerId: owner.id })
  const code = await aCode(here, client, { user })
  const answer = await exchange(here, client, code)
  situation = { owner, user, client, code, tokens: answer.json() }
})

const statusOf = async (pod: WatchedPod, token: string) => (await useToken(pod, token)).statusCode
const inTime = { timeout: 1_000, interval: 5 }

const endings: [string, (situation: Situation) => Promise<unknown>, number?][] = [
  ['revocation of it', ({ client, tokens }) => postAs(here, client, 'revoke', { token: tokens.access_token })],
  [
    'revocation of its refresh token',
    ({ client, tokens }) => postAs(here, client, 'revoke', { token: tokens.refresh_token }),
  ],
  ['a second use of its code', ({ client, code }) => exchange(here, client, code)],
  ['the end of its grant', ({ client, user }) => revokeGrant(here.db, user.id, client.client.clientId)],
  ['the end of all grants, as with a new password', ({ user }) => revokeAllGrants(here.db, user.id)],
  [
    'the permission being taken out of its grant',
    ({ client, user }) =>
      narrowGrant(here.db, { userId: user.id, clientId: client.client.clientId }, ['read:libraries']),
    403,
  ],
  ['the end of its client', ({ client, owner }) => deleteClient(here.db, client.client.clientId, owner.id)],
  [
    'the scope being taken out of its client',
    ({ client, owner }) =>
      updateClient(here.db, { clientId: client.client.clientId, ownerId: owner.id }, { scopes: ['write'] }),
    403,
  ],
  ['the end of its client’s owner', ({ owner }) => here.db.user.delete({ where: { id: owner.id } })],
  ['the deactivation of its user', ({ user }) => setActive(here.db, user.username, false)],
  ['the end of its user', ({ user }) => here.db.user.delete({ where: { id: user.id } })],
  ['the end of the token alone', () => here.db.token.deleteMany()],
  [
    'a transaction that ends it among other things',
    ({ user }) =>
      here.db.$transaction(async (transaction) => {
        await setActive(transaction, user.username, false)
        // Still alive for everybody else, who must not keep it for longer than the transaction lasts.
        expect(await statusOf(there, situation.tokens.access_token)).toBe(200)
        expect(await statusOf(here, situation.tokens.access_token)).toBe(200)
      }),
  ],
]

describe('an access token that is in use is worth nothing after', () => {
  test.each(endings)(
    '%s: on the next request here, and at once elsewhere (S40, S45, S46, S57)',
    async (_, end, status = 401) => {
      const token = situation.tokens.access_token
      await Promise.all([warm(here, token), warm(there, token)])
      await end(situation)
      expect(await statusOf(here, token)).toBe(status)
      await vi.waitFor(async () => expect(await statusOf(there, token)).toBe(status), inTime)
    },
  )

  test('reuse of a rotated refresh token (S35)', async () => {
    const { client, tokens } = situation
    const second = (await refresh(here, client, tokens.refresh_token)).json()
    const third = (await refresh(here, client, second.refresh_token)).json()
    await Promise.all([warm(here, third.access_token), warm(there, third.access_token)])
    expect((await refresh(here, client, tokens.refresh_token)).json().error).toBe('invalid_grant')
    expect(await statusOf(here, third.access_token)).toBe(401)
    await vi.waitFor(async () => expect(await statusOf(there, third.access_token)).toBe(401), inTime)
  })

  test('a refresh: on the next request here, and elsewhere within seconds (S34)', async () => {
    const { client, tokens } = situation
    await Promise.all([warm(here, tokens.access_token), warm(there, tokens.access_token)])
    expect((await refresh(here, client, tokens.refresh_token)).statusCode).toBe(200)
    expect(await statusOf(here, tokens.access_token)).toBe(401)
    const withinLifetime = { timeout: 6_000, interval: 100 }
    await vi.waitFor(async () => expect(await statusOf(there, tokens.access_token)).toBe(401), withinLifetime)
  })

  test('a refresh that is repeated, for the access token of the first answer (S37)', async () => {
    const { client, tokens } = situation
    const lost = (await refresh(here, client, tokens.refresh_token)).json()
    await warm(here, lost.access_token)
    const again = (await refresh(here, client, tokens.refresh_token)).json()
    expect([await statusOf(here, lost.access_token), await statusOf(here, again.access_token)]).toEqual([401, 200])
  })

  test('its time, also while it is known', async () => {
    const token = situation.tokens.access_token
    await warm(here, token)
    await here.db.token.updateMany({ data: { accessExpiresAt: new Date(Date.now() + 300) } })
    await here.db.client.updateMany({ data: { updatedAt: new Date() } })
    await warm(here, token)
    await vi.waitFor(async () => expect(await statusOf(here, token)).toBe(401), inTime)
  })
})

describe('an application token that is in use is worth nothing after', () => {
  const token = () => situation.client.applicationToken ?? ''

  test.each<[string, () => Promise<unknown>]>([
    ['its renewal', () => renewApplicationToken(here.db, situation.client.client.clientId, situation.owner.id)],
    ['its revocation', () => postAs(here, situation.client, 'revoke', { token: token() })],
    ['the deactivation of its owner', () => setActive(here.db, situation.owner.username, false)],
    ['the end of its client', () => deleteClient(here.db, situation.client.client.clientId, situation.owner.id)],
  ])('%s', async (_, end) => {
    await Promise.all([warm(here, token()), warm(there, token())])
    await end()
    expect(await statusOf(here, token())).toBe(401)
    await vi.waitFor(async () => expect(await statusOf(there, token())).toBe(401), inTime)
  })

  const settingsStatus = async (pod: WatchedPod, applicationToken: string | undefined) =>
    (await send(pod, 'GET', '/api/v1/instance/admin/settings/', { headers: bearer(applicationToken) })).statusCode

  test('loses what its owner may no longer do (S43)', async () => {
    const root = await aUser(here.db, { isSuperuser: true })
    const { applicationToken } = await aClient(here.db, { ownerId: root.id, scopes: ['read:instance:settings'] })
    await Promise.all([here.ready(), there.ready()])
    for (const pod of [here, there, here, there]) expect(await settingsStatus(pod, applicationToken)).toBe(200)
    await here.db.user.update({ where: { id: root.id }, data: { isSuperuser: false } })
    expect(await settingsStatus(here, applicationToken)).toBe(403)
    await vi.waitFor(async () => expect(await settingsStatus(there, applicationToken)).toBe(403), inTime)
  })

  test('gains and loses what everybody may, as the settings change', async () => {
    const { applicationToken } = await aClient(here.db, {
      ownerId: situation.owner.id,
      scopes: ['read:instance:settings'],
    })
    await Promise.all([here.ready(), there.ready()])
    for (const pod of [here, there]) expect(await settingsStatus(pod, applicationToken)).toBe(403)
    await here.services.settings.change({ users__default_permissions: ['settings'] })
    expect(await settingsStatus(here, applicationToken)).toBe(200)
    await vi.waitFor(async () => expect(await settingsStatus(there, applicationToken)).toBe(200), inTime)
    await here.services.settings.change({ users__default_permissions: [] })
    expect(await settingsStatus(here, applicationToken)).toBe(403)
    await vi.waitFor(async () => expect(await settingsStatus(there, applicationToken)).toBe(403), inTime)
  })
})

describe('a client that has just been seen', () => {
  const errorOf = async (pod: WatchedPod, client: Registered) =>
    (await postAs(pod, client, 'token', { grant_type: 'client_credentials', scope: 'read' })).json().error

  test('cannot use a secret that was renewed', async () => {
    const { client, owner } = situation
    await Promise.all([here.ready(), there.ready()])
    for (const pod of [here, there]) expect(await errorOf(pod, client)).toBeUndefined()
    const renewed = await renewSecret(here.db, client.client.clientId, owner.id)
    expect([await errorOf(here, client), await errorOf(here, renewed)]).toEqual(['invalid_client', undefined])
    await vi.waitFor(async () => expect(await errorOf(there, client)).toBe('invalid_client'), inTime)
  })

  test('is refused once it is deleted', async () => {
    const { client, owner } = situation
    await Promise.all([here.ready(), there.ready()])
    for (const pod of [here, there]) expect(await errorOf(pod, client)).toBeUndefined()
    await deleteClient(here.db, client.client.clientId, owner.id)
    expect(await errorOf(here, client)).toBe('invalid_client')
    await vi.waitFor(async () => expect(await errorOf(there, client)).toBe('invalid_client'), inTime)
  })

  test('gets no more than it has registered since', async () => {
    const { client, owner } = situation
    await Promise.all([here.ready(), there.ready()])
    for (const pod of [here, there]) expect(await errorOf(pod, client)).toBeUndefined()
    await updateClient(here.db, { clientId: client.client.clientId, ownerId: owner.id }, { scopes: ['write'] })
    expect(await errorOf(here, client)).toBe('invalid_scope')
    await vi.waitFor(async () => expect(await errorOf(there, client)).toBe('invalid_scope'), inTime)
  })
})

test('a consent form can be answered at another pod, once', async () => {
  const { browser } = await signedIn(here)
  const page = await browser.get(authorizationUrl(situation.client))
  const elsewhere = new Browser(there.app, there.config.publicUrl)
  for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value)
  const answer = await elsewhere.submit(page, '/authorize', { decision: 'allow' })
  expect(new URL(answer.url).searchParams.get('code')).toMatch(/^blc_/)
  expect((await browser.submit(page, '/authorize', { decision: 'allow' })).status).toBe(400)
  expect(await here.db.authorizationCode.count()).toBe(2)
})

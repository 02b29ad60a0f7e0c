import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { isListenTokenOf, ownerOfListenToken } from '../../src/access/listen-tokens.ts'
import { setPassword } from '../../src/accounts/users.ts'
import { loadPodSecrets } from '../../src/db/pod-secrets.ts'
import { createPasswordHasher } from '../../src/lib/password-hasher.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { signedIn, someTokens } from '../support/oauth-flow.ts'
import { asScript, bearer, type Headers, send } from '../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
afterEach(() => vi.useRealTimers())
beforeEach(() => emptyDatabase(pod.db))

const urls = ['/api/v1/users/me', '/api/v1/users/me/', '/api/v1/users/users/me', '/api/v1/users/users/me/']
const get = (url: string, headers: Headers = {}) => send(pod, 'GET', url, { headers })

async function tokenFor(scopes: string[], given: Parameters<typeof aUser>[1] = {}) {
  const user = await aUser(pod.db, given)
  const client = await aClient(pod.db, { scopes: ['read', 'write', 'profile'] })
  const { access_token } = await someTokens(pod, client, { user, scopes })
  return { user, headers: bearer(access_token) }
}

describe.each(urls)('GET %s', (url) => {
  test('says who is calling, in the shape that Funkwhale has', async () => {
    const { user, headers } = await tokenFor(['read'], { username: 'alice', email: 'alice@example.org' })
    const answer = await get(url, headers)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(Object.entries(answer.json())).toEqual([
      ['id', user.id],
      ['username', 'alice'],
      ['full_username', 'alice@pod.example'],
      ['name', ''],
      ['email', 'alice@example.org'],
      ['is_staff', false],
      ['is_superuser', false],
      ['permissions', { library: false, moderation: false, settings: false }],
      ['date_joined', user.createdAt.toISOString()],
      ['privacy_level', 'instance'],
      ['avatar', null],
      [
        'quota_status',
        { max: 1000, remaining: 1000, current: 0, draft: 0, skipped: 0, pending: 0, finished: 0, errored: 0 },
      ],
      ['instance_support_message_display_date', expect.any(String)],
      ['funkwhale_support_message_display_date', expect.any(String)],
      ['summary', null],
      ['tokens', { listen: expect.any(String) }],
      ['settings', null],
    ])
  })

  test('is 401 for who is not known', async () => {
    const answer = await get(url)
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
  })

  test.each(['POST', 'PUT', 'PATCH'] as const)('is not where profiles are changed: %s is 405', async (method) => {
    const answer = await send(pod, method, url)
    expect([answer.statusCode, answer.json()]).toEqual([405, { detail: `Method "${method}" not allowed.` }])
    expect(answer.headers.allow?.toString().split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD'])
  })
})

const me = urls[0] as string

describe('what users/me shows', () => {
  test('what the user has set', async () => {
    const at = new Date('2026-01-16T10:00:00Z')
    const { headers } = await tokenFor(['read'], {
      ...{ name: 'Alice', privacyLevel: 'me', uploadQuotaMb: 5, settings: { theme: 'dark', deep: { a: [1] } } },
      ...{ instanceSupportMessageDisplayAt: at, funkwhaleSupportMessageDisplayAt: at, isStaff: true },
    })
    expect((await get(me, headers)).json()).toMatchObject({
      ...{ name: 'Alice', privacy_level: 'me', is_staff: true, settings: { theme: 'dark', deep: { a: [1] } } },
      ...{ quota_status: { max: 5, remaining: 5 }, instance_support_message_display_date: '2026-01-16T10:00:00.000Z' },
    })
  })

  test.each([
    [{ mayManageLibrary: true }, { library: true, moderation: false, settings: false }],
    [{ mayModerate: true }, { library: false, moderation: true, settings: false }],
    [{ mayManageSettings: true }, { library: false, moderation: false, settings: true }],
    [{ isSuperuser: true }, { library: true, moderation: true, settings: true }],
  ])('the permissions of a user with %j', async (given, permissions) => {
    const { headers } = await tokenFor(['read'], given)
    expect((await get(me, headers)).json()).toMatchObject({ permissions })
  })

  test('nothing secret', async () => {
    const { user, headers } = await tokenFor(['read'])
    const { body } = await get(me, headers)
    expect(body).not.toContain(user.passwordHash)
    expect(body).not.toContain(Buffer.from(user.secretKey).toString('base64url'))
  })
})

describe('who may ask', () => {
  test('a signed-in browser, also with its cookies alone', async () => {
    const { user, browser } = await signedIn(pod)
    const { cookie } = asScript(browser)
    expect((await get(me, { cookie })).json()).toMatchObject({ id: user.id, tokens: { listen: expect.any(String) } })
  })

  test.each([
    ['read', 200],
    ['read:profile', 200],
    ['read:accounts', 200],
    ['write', 403],
    ['write:profile', 403],
    ['read:libraries', 403],
  ])('a token with %s: %i', async (scope, status) => {
    const { headers } = await tokenFor([scope])
    expect((await get(me, headers)).statusCode).toBe(status)
  })
})

describe('the listen token', () => {
  test.each([
    [['read'], true],
    [['read:profile', 'read:libraries'], true],
    [['read:profile'], false],
    [['read:profile', 'write:libraries'], false],
  ])('comes with %j: %s', async (scopes, expected) => {
    const { headers } = await tokenFor(scopes)
    const { tokens } = (await get(me, headers)).json()
    expect(Object.keys(tokens)).toEqual(expected ? ['listen'] : [])
  })

  test('is the user’s for three days, until the password changes, and opens nothing of the API (S42)', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { user, headers } = await tokenFor(['read'])
    const token: string = (await get(me, headers)).json().tokens.listen
    const { listen } = await loadPodSecrets(pod.db)
    const now = Date.now()
    const isGood = (owner: typeof user, after = 0, given = token) =>
      isListenTokenOf(listen, owner, given, new Date(now + after * 1000))
    expect(ownerOfListenToken(token)).toBe(user.id)
    expect([isGood(user), isGood(user, 3 * 86_400 - 1), isGood(user, 3 * 86_400)]).toEqual([true, true, false])
    expect(isGood(await aUser(pod.db))).toBe(false)
    expect(isGood(user, 0, token.replace(/^\d+/, String(user.id + 1)))).toBe(false)
    expect(isGood(user, 0, token.replace(/\.\d+\./, '.99999999999.'))).toBe(false)
    expect((await get(me, bearer(token))).statusCode).toBe(401)
    expect((await get(`${me}?token=${token}`)).statusCode).toBe(401)
    await setPassword(pod.db, createPasswordHasher(), user.username, 'another long password')
    expect(isGood(await pod.db.user.findUniqueOrThrow({ where: { id: user.id } }))).toBe(false)
  })
})

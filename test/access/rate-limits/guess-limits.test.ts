import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser, password } from '../../support/factories.ts'
import { type AskOptions, ask, type LimitedPod, limitedPod, limitOf, newAddress } from '../../support/limits.ts'
import { signedIn } from '../../support/oauth-flow.ts'
import { asScript, basic, bearer, form } from '../../support/requests.ts'

const rates = 'login=4/hour,password-change=3/hour'

let pod: LimitedPod
let user: User
beforeAll(async () => {
  pod = await limitedPod(rates)
})
afterAll(() => pod.close())
beforeEach(async () => {
  // What the test before has noted must not be written later.
  await pod.services.guesses.flush()
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
})
afterEach(() => vi.useRealTimers())

/** Tries to log in over the network, from a new address unless another is given; the answer's own status first. */
async function logIn(name: string, secret: string, { headers = {}, ...options }: AskOptions = {}, at = pod) {
  const browser = at.browser()
  await browser.get('/login')
  const { cookie, ...csrf } = asScript(browser)
  const cookies = [cookie, headers.cookie].filter(Boolean).join('; ')
  return ask(at, '/api/v1/users/login', {
    method: 'POST',
    from: newAddress(),
    body: new URLSearchParams({ username: name, password: secret }),
    ...options,
    headers: { ...csrf, ...headers, cookie: cookies },
  })
}

async function failOften(count: number, name: string, options: AskOptions = {}): Promise<number[]> {
  const statuses: number[] = []
  for (let time = 0; time < count; time++) statuses.push((await logIn(name, 'wrong', options)).status)
  return statuses
}

const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')

describe('wrong passwords for one account (S52)', () => {
  test('are limited whatever address they come from, and the wait is an hour at most', async () => {
    expect(await failOften(5, user.username)).toEqual([400, 400, 400, 400, 429])
    const answer = await logIn(user.username, password)
    expect(limitOf(answer)).toMatchObject({ status: 429, scope: 'login', limit: 4, remaining: 0 })
    expect(limitOf(answer).retryAfter).toBeGreaterThan(3590)
    expect(limitOf(answer).retryAfter).toBeLessThanOrEqual(3600)
  })

  test('are limited alike whether or not there is such an account, however its name is written', async () => {
    const names = ['Nobody', 'nobody', 'NOBODY', 'noBody', 'nobody']
    const statuses: number[] = []
    for (const name of names) statuses.push((await logIn(name, 'wrong')).status)
    expect(statuses).toEqual([400, 400, 400, 400, 429])
  })

  test('do not touch other accounts', async () => {
    await failOften(5, user.username)
    const other = await aUser(pod.db)
    expect((await logIn(other.username, password)).status).toBe(200)
  })

  test('are not looked at once the limit is reached', async () => {
    await failOften(4, user.username)
    const verify = vi.spyOn(pod.services.hasher, 'verify')
    await failOften(3, user.username)
    expect(verify).not.toHaveBeenCalled()
  })

  test('are limited when they all come at once', async () => {
    const verify = vi.spyOn(pod.services.hasher, 'verify')
    const answers = await Promise.all(Array.from({ length: 12 }, () => logIn(user.username, 'wrong')))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(8)
    expect(verify).toHaveBeenCalledTimes(4)
  })

  test('do not lock out a browser that has logged in before: its tries are counted apart', async () => {
    const before = cookieOf(await logIn(user.username, password))
    expect(before).toContain('known-device=')
    await failOften(5, user.username)
    expect((await logIn(user.username, password)).status).toBe(429)
    const known = { headers: { cookie: before.replace(/sessionid=[^;]*;? ?/, '') } }
    expect((await logIn(user.username, password, known)).status).toBe(200)
    expect(await failOften(5, user.username, known)).toEqual([400, 400, 400, 400, 429])
  })

  test('a cookie that was made up, or is of another account, is worth nothing', async () => {
    const other = await aUser(pod.db)
    const ofOther = cookieOf(await logIn(other.username, password)).replace(/sessionid=[^;]*;? ?/, '')
    await failOften(4, user.username)
    for (const cookie of [ofOther, `known-device=${'x'.repeat(65)}`, 'known-device=']) {
      expect((await logIn(user.username, password, { headers: { cookie } })).status).toBe(429)
    }
  })

  test('leave after an hour', async () => {
    vi.setSystemTime(new Date('2026-01-31T12:00:00Z'))
    await failOften(4, user.username)
    vi.setSystemTime(new Date('2026-01-31T12:59:59.500Z'))
    expect(limitOf(await logIn(user.username, password))).toMatchObject({ status: 429, retryAfter: 1 })
    vi.setSystemTime(new Date('2026-01-31T13:00:00Z'))
    expect((await logIn(user.username, password)).status).toBe(200)
  })

  test('right ones do not count', async () => {
    for (let time = 0; time < 8; time++) expect((await logIn(user.username, password)).status).toBe(200)
  })

  test('nor do those that nobody could look at', async () => {
    vi.spyOn(pod.services.hasher, 'verify').mockRejectedValue(new Error('broken'))
    expect(await failOften(6, user.username)).toEqual(Array.from({ length: 6 }, () => 500))
    vi.restoreAllMocks()
    expect((await logIn(user.username, password)).status).toBe(200)
  })

  test('are remembered by a pod that starts again (S80)', async () => {
    const first = await limitedPod(rates)
    for (let time = 0; time < 4; time++) await logIn(user.username, 'wrong', {}, first)
    await first.close()
    const second = await limitedPod(rates)
    expect((await logIn(user.username, password, {}, second)).status).toBe(429)
    await second.close()
  })

  test('are kept in the database for an hour, without the name', async () => {
    const first = await limitedPod(rates)
    const start = Date.now()
    vi.setSystemTime(start - 3_700_000)
    await logIn(user.username, 'wrong', {}, first)
    await first.services.guesses.flush()
    vi.setSystemTime(start)
    await logIn('somebody else', 'wrong', {}, first)
    await first.services.guesses.flush()
    const rows = await pod.db.loginFailure.findMany()
    expect(rows).toHaveLength(1)
    expect(rows[0]?.accountKey).toHaveLength(32)
    await first.close()
  })

  test('are not limited when logins are not', async () => {
    const free = await limitedPod('login=unlimited')
    for (let time = 0; time < 40; time++) {
      expect((await logIn(user.username, 'wrong', { from: '198.51.100.1' }, free)).status).toBe(400)
    }
    await free.close()
  })
})

describe('wrong passwords of who is signed in', () => {
  const change = (headers: Record<string, string>, old: string) =>
    ask(pod, '/api/v1/auth/password/change', {
      method: 'POST',
      from: newAddress(),
      headers,
      body: new URLSearchParams({
        old_password: old,
        new_password1: 'a new pass word',
        new_password2: 'a new pass word',
      }),
    })

  test('are limited at every door together, and not looked at beyond', async () => {
    const own = await limitedPod('password-change=100/hour')
    const { browser } = await signedIn(own)
    const headers = asScript(browser)
    await own.close()
    expect((await change(headers, 'wrong')).status).toBe(400)
    expect((await change(headers, 'wrong')).status).toBe(400)
    const sudo = pod.services.guesses.password
    const userId = (await pod.db.session.findFirstOrThrow()).userId
    expect(await sudo(userId, async () => false)).toBe(false)
    const verify = vi.spyOn(pod.services.hasher, 'verify')
    const answer = await change(headers, password)
    expect(limitOf(answer)).toMatchObject({ status: 429, scope: 'password-change' })
    expect(verify).not.toHaveBeenCalled()
  })
})

describe('wrong client secrets (S31)', () => {
  const tryAt = async (path: string, clientId: string, secret: string, from: string) =>
    ask(pod, `/api/v1/oauth/${path}`, {
      method: 'POST',
      from,
      headers: basic(clientId, secret),
      body: new URLSearchParams({ grant_type: 'client_credentials', token: 'x' }),
    })

  test('are limited at all doors together; strangers do not lock the client out', async () => {
    const { client, secret } = await aClient(pod.db)
    const from = newAddress()
    const doors = ['token', 'revoke', 'introspect', 'device_authorization']
    for (let time = 0; time < 30; time++) {
      expect((await tryAt(doors[time % 4] ?? '', client.clientId, 'wrong', from)).status).toBe(401)
    }
    for (const door of doors) {
      const answer = await tryAt(door, client.clientId, secret, from)
      expect(limitOf(answer)).toMatchObject({ status: 429, scope: 'oauth-token', remaining: 0 })
      expect(limitOf(answer).retryAfter).toBeLessThanOrEqual(3600)
    }
    expect((await tryAt('token', client.clientId, secret, newAddress())).status).toBe(200)
    const other = await aClient(pod.db)
    expect((await tryAt('token', other.client.clientId, other.secret, from)).status).toBe(200)
  })

  test('of many clients from one address are limited too', async () => {
    const spread = await limitedPod('oauth-token=1000/hour')
    const from = newAddress()
    const statuses: number[] = []
    for (let time = 0; time < 101; time++) {
      const { payload, headers } = form({ grant_type: 'client_credentials', client_id: `made-up-${time}` })
      const answer = await ask(spread, '/api/v1/oauth/token', { method: 'POST', from, headers, body: String(payload) })
      statuses.push(answer.status)
    }
    expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 401))
    expect(statuses.at(-1)).toBe(429)
    await spread.close()
  })

  test('right ones do not count, however many at once', async () => {
    const busy = await limitedPod('oauth-token=1000/hour')
    const { client, secret } = await aClient(busy.db)
    const from = newAddress()
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        ask(busy, '/api/v1/oauth/token', {
          method: 'POST',
          from,
          headers: basic(client.clientId, secret),
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
        }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await busy.close()
  })
})

test('a bearer token is no guess', async () => {
  const from = newAddress()
  for (let time = 0; time < 40; time++) {
    const answer = await ask(pod, '/api/v1/users/me', {
      from,
      headers: bearer(`made-up-${time}`) as Record<string, string>,
    })
    expect(answer.status).toBe(401)
  }
})

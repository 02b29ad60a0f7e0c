import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { ask, type LimitedPod, limitedPod, limitOf, newAddress } from '../../support/limits.ts'
import { signedIn, someTokens } from '../../support/oauth-flow.ts'
import { asScript, bearer } from '../../support/requests.ts'

let pod: LimitedPod
beforeAll(async () => {
  pod = await limitedPod('anonymous-wildcard=5/min,authenticated-wildcard=4/min,oauth-token=3/min,login=3/min')
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))
afterEach(() => vi.useRealTimers())

/** What the limit lets pass, asked one after the other. */
async function statuses(count: number, request: (index: number) => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let index = 0; index < count; index++) all.push((await request(index)).status)
  return all
}

describe('exactly as many requests as the limit says pass (S74)', () => {
  test('each costs one, the next is refused, and refusals cost nothing', async () => {
    const from = newAddress()
    vi.setSystemTime(new Date('2026-01-31T12:00:00Z'))
    for (const remaining of [4, 3, 2, 1]) {
      expect(limitOf(await ask(pod, '/', { from }))).toMatchObject({ status: 200, remaining, limit: 5, retryAfter: 0 })
    }
    expect(limitOf(await ask(pod, '/', { from }))).toMatchObject({ status: 200, remaining: 0, retryAfter: 60 })

    vi.setSystemTime(new Date('2026-01-31T12:00:59.001Z'))
    for (let time = 0; time < 20; time++) {
      expect(limitOf(await ask(pod, '/', { from }))).toMatchObject({ status: 429, remaining: 0, retryAfter: 1 })
    }
    vi.setSystemTime(new Date('2026-01-31T12:01:00Z'))
    expect(limitOf(await ask(pod, '/', { from }))).toMatchObject({ status: 200, remaining: 4 })
  })

  test('the window slides: what was asked leaves a window later, one by one', async () => {
    const from = newAddress()
    const askAt = async (second: number) => {
      vi.setSystemTime(new Date(Date.UTC(2026, 0, 31, 12, 0, second)))
      return limitOf(await ask(pod, '/', { from }))
    }
    for (const second of [0, 10, 20, 30, 40]) expect((await askAt(second)).status).toBe(200)
    expect(await askAt(59)).toMatchObject({ status: 429, retryAfter: 1 })
    expect(await askAt(60)).toMatchObject({ status: 200, remaining: 0, retryAfter: 10 })
    expect(await askAt(69)).toMatchObject({ status: 429, retryAfter: 1 })
    expect(await askAt(75)).toMatchObject({ status: 200, remaining: 0, retryAfter: 5 })
  })

  test('also when they come at the same time', async () => {
    const from = newAddress()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(pod, '/', { from })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
  })

  test('refusals of other kinds count: 401, 404, 405', async () => {
    const from = newAddress()
    const paths = ['/api/v1/users/me', '/api/v1/nowhere', '/nowhere']
    for (const [index, path] of paths.entries()) {
      expect(limitOf(await ask(pod, path, { from })).remaining).toBe(4 - index)
    }
    expect(limitOf(await ask(pod, '/', { from, method: 'DELETE' }))).toMatchObject({ status: 405, remaining: 1 })
  })

  test('limits are of one scope each', async () => {
    const from = newAddress()
    expect(await statuses(6, () => ask(pod, '/', { from }))).toEqual([200, 200, 200, 200, 200, 429])
    expect(limitOf(await ask(pod, '/api/v1/oauth/token', { from, method: 'POST' }))).toMatchObject({
      status: 400,
      scope: 'oauth-token',
      remaining: 2,
    })
  })

  test('a flood of requests to nowhere is refused in the end', async () => {
    const from = newAddress()
    const flood = await statuses(12, (index) => ask(pod, `/api/v1/nowhere/${index}?x=${index}`, { from }))
    expect(flood).toEqual([...Array.from({ length: 5 }, () => 404), ...Array.from({ length: 7 }, () => 429)])
  })
})

describe('the bucket is that of the address (S75)', () => {
  test('made-up tokens, cookies, client ids, user agents and queries give no fresh one', async () => {
    const from = newAddress()
    const token = `access_${'x'.repeat(43)}`
    const tries: [string, Record<string, string>][] = [
      ['/', bearer(token) as Record<string, string>],
      ['/', { cookie: 'sessionid=made-up; csrftoken=x' }],
      ['/?client_id=made-up', { 'user-agent': 'another' }],
      ['/', { authorization: 'Basic bWFkZTp1cA==' }],
      ['/', { authorization: 'Bearer' }],
    ]
    for (const [index, [path, headers]] of tries.entries()) {
      expect(limitOf(await ask(pod, path, { from, headers })).remaining).toBe(4 - index)
    }
    expect((await ask(pod, '/', { from, headers: bearer(token) as Record<string, string> })).status).toBe(429)
  })

  test('a client that speaks for itself is an address like others', async () => {
    const { client, secret } = await aClient(pod.db)
    const from = newAddress()
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: secret,
    })
    const { access_token } = await (await ask(pod, '/api/v1/oauth/token', { method: 'POST', from, body })).json()
    const headers = { authorization: `Bearer ${access_token}` }
    expect(limitOf(await ask(pod, '/', { from, headers }))).toMatchObject({ scope: 'anonymous-wildcard', remaining: 4 })
    expect(limitOf(await ask(pod, '/', { from }))).toMatchObject({ remaining: 3 })
  })

  test('of the user for who is signed in, wherever they are, and whatever they use', async () => {
    const registered = await aClient(pod.db)
    const { user, browser } = await signedIn(pod)
    const { access_token } = await someTokens(pod, registered, { user })
    const token = { authorization: `Bearer ${access_token}` }
    const session = { cookie: asScript(browser).cookie }
    const tries = [token, session, token, session].map((headers) => ({ headers, from: newAddress() }))
    const used = 4 - limitOf(await ask(pod, '/', { headers: token })).remaining
    expect(used).toBeGreaterThan(0)
    const left = tries.slice(0, 4 - used)
    for (const [index, options] of left.entries()) {
      expect(limitOf(await ask(pod, '/api/v1/users/me', options))).toMatchObject({
        status: 200,
        scope: 'authenticated-wildcard',
        remaining: 3 - used - index,
      })
    }
    expect((await ask(pod, '/api/v1/users/me', { headers: token, from: newAddress() })).status).toBe(429)
  })
})

describe('addresses', () => {
  test('what a direct client says of its address changes nothing (S76)', async () => {
    const direct = await limitedPod('anonymous-wildcard=3/min', { trustedProxies: [] })
    const forged = (index: number) => ({
      'x-forwarded-for': `203.0.113.${index}`,
      forwarded: `for=203.0.113.${index}`,
      'x-real-ip': `203.0.113.${index}`,
    })
    expect(await statuses(4, (index) => ask(direct, '/', { headers: forged(index) }))).toEqual([200, 200, 200, 429])
    await direct.close()
  })

  test('behind a proxy the right-most address that is not trusted counts (S76)', async () => {
    const from = newAddress()
    const forged = (index: number) => ({ headers: { 'x-forwarded-for': `203.0.113.${index}, ${from}, 127.0.0.1` } })
    expect(await statuses(6, (index) => ask(pod, '/', forged(index)))).toEqual([200, 200, 200, 200, 200, 429])
  })

  test('a proxy that passes on what is no address is counted itself', async () => {
    const other = await limitedPod('anonymous-wildcard=2/min')
    expect(await statuses(3, (index) => ask(other, '/', { from: `made-up-${index}` }))).toEqual([200, 200, 429])
    await other.close()
  })

  test('of IPv6 the /64 counts, in any spelling (S77)', async () => {
    const rotating = ['2001:db8:5:6::1', '2001:DB8:5:6:1::', '2001:0db8:0005:0006:a:b:c:d', '2001:db8:5:6::2']
    const all = [...rotating, '2001:db8:5:6:ffff::', '2001:db8:5:6::3']
    expect(await statuses(6, (index) => ask(pod, '/', { from: all[index] ?? '' }))).toEqual([
      ...[200, 200, 200, 200, 200],
      429,
    ])
    expect((await ask(pod, '/', { from: '2001:db8:5:7::1' })).status).toBe(200)
  })

  test('an IPv4 address mapped into IPv6 is that address, and others have their own bucket (S77)', async () => {
    const from = newAddress()
    const spellings = [from, `::ffff:${from}`, `::FFFF:${from}`, from, `::ffff:${from}`, from]
    const answers = await statuses(6, (index) => ask(pod, '/', { from: spellings[index] ?? '' }))
    expect(answers).toEqual([200, 200, 200, 200, 200, 429])
    expect((await ask(pod, '/', { from: `::ffff:${newAddress()}` })).status).toBe(200)
  })
})

describe('every way to write an address leads to the bucket of the route it reaches (S78)', () => {
  test.each(['/api/v1/users/login', '/api/v1/users/login/', '/api/v1/users/%6Cogin', '/api/v1/users/login?x=1'])(
    '%s',
    async (path) => {
      const from = newAddress()
      await ask(pod, '/api/v1/users/login', { method: 'POST', from })
      const second = await ask(pod, path, { method: 'POST', from })
      expect(limitOf(second)).toMatchObject({ scope: 'login', remaining: 1 })
    },
  )

  test.each(['/API/v1/users/login', '//api/v1/users/login', '/api/v1//users/login', '/api/v1/users/login;x=1'])(
    '%s does not reach it, and counts as what it is',
    async (path) => {
      const answer = await ask(pod, path, { method: 'POST', from: newAddress() })
      expect([404, 405]).toContain(answer.status)
      expect(limitOf(answer)).toMatchObject({ scope: 'anonymous-wildcard', remaining: 4 })
    },
  )

  test('HEAD counts as GET', async () => {
    const from = newAddress()
    await ask(pod, '/', { from })
    expect(limitOf(await ask(pod, '/', { method: 'HEAD', from }))).toMatchObject({ status: 200, remaining: 3 })
  })

  test('the doors to one thing share a bucket: login by page and by API', async () => {
    const from = newAddress()
    const doors = ['/login', '/api/v1/users/login', '/api/v1/users/users/login']
    for (const [index, path] of doors.entries()) {
      expect(limitOf(await ask(pod, path, { method: 'POST', from }))).toMatchObject({
        scope: 'login',
        remaining: 2 - index,
      })
    }
    for (const path of doors) expect((await ask(pod, path, { method: 'POST', from })).status).toBe(429)
  })

  test('being signed in gives no further tries at the doors for strangers', async () => {
    const from = newAddress()
    const { browser } = await signedIn(pod)
    const headers = asScript(browser)
    const tries = await statuses(4, () => ask(pod, '/api/v1/users/login', { method: 'POST', from, headers }))
    expect(tries.at(-1)).toBe(429)
    expect((await ask(pod, '/api/v1/users/login', { method: 'POST', from })).status).toBe(429)
  })
})

test('the 31st login in an hour is refused, the 30th is not', async () => {
  const usual = await limitedPod()
  const from = newAddress()
  const start = Date.UTC(2026, 0, 31, 12, 0, 0)
  const logIn = (second: number) => {
    vi.setSystemTime(new Date(start + second * 1000))
    return ask(usual, '/api/v1/users/login', { method: 'POST', from })
  }
  for (let index = 0; index < 30; index++) {
    expect(limitOf(await logIn(index * 100))).toMatchObject({ scope: 'login', limit: 30, remaining: 29 - index })
  }
  expect(limitOf(await logIn(3599))).toMatchObject({ status: 429, retryAfter: 1 })
  expect((await logIn(3600)).status).not.toBe(429)
  expect(limitOf(await logIn(3601))).toMatchObject({ status: 429, retryAfter: 99 })
  await usual.close()
})

describe('settings', () => {
  test('with limits off nothing is refused and nothing said', async () => {
    const off = await limitedPod('anonymous-wildcard=1/min', { throttlingEnabled: false })
    expect(await statuses(3, () => ask(off, '/'))).toEqual([200, 200, 200])
    const names = [...(await ask(off, '/')).headers.keys()]
    expect(names.filter((name) => name.includes('ratelimit') || name === 'retry-after')).toEqual([])
    await off.close()
  })

  test('an unlimited scope refuses nothing', async () => {
    const from = newAddress()
    const free = await limitedPod('anonymous-wildcard=unlimited')
    expect(await statuses(20, () => ask(free, '/', { from }))).toEqual(Array.from({ length: 20 }, () => 200))
    const { headers } = await ask(free, '/', { from })
    expect(headers.get('x-ratelimit-scope')).toBe('anonymous-wildcard')
    expect(headers.get('retry-after')).toBe('0')
    await free.close()
  })

  test('a limit of 0 lets nothing pass', async () => {
    const closed = await limitedPod('anonymous-wildcard=0/min')
    expect(limitOf(await ask(closed, '/'))).toMatchObject({ status: 429, limit: 0, remaining: 0, retryAfter: 60 })
    await closed.close()
  })

  test('limits cost no query', async () => {
    const user = await aUser(pod.db)
    const { access_token } = await someTokens(pod, await aClient(pod.db), { user })
    const off = await testApp()
    const counted = async (app: typeof pod.app, db: typeof pod.db) => {
      const query = vi.spyOn(db, '$queryRaw')
      await app.inject({ url: '/', headers: bearer(access_token) })
      const calls = query.mock.calls.length
      query.mockRestore()
      return calls
    }
    // Looks for overrides go on in the background; the least of several is what the request itself asks.
    const least = async (app: typeof pod.app) => {
      const counts: number[] = []
      for (let time = 0; time < 5; time++) counts.push(await counted(app, pod.db))
      return Math.min(...counts)
    }
    expect(await least(pod.app)).toBe(await least(off.app))
    await off.close()
  })
})

import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { runCommand } from '../support/commands.ts'
import { emptyDatabase, testDatabaseLocation } from '../support/database.ts'
import { aClient } from '../support/factories.ts'
import { ask, type LimitedPod, limitedPod, limitOf } from '../support/limits.ts'
import { signedIn } from '../support/oauth-flow.ts'
import { asScript } from '../support/requests.ts'

const location = await testDatabaseLocation()

let pod: LimitedPod
beforeAll(async () => {
  pod = await limitedPod()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

/** While a pod runs on the same database. */
function rateLimits(...args: string[]) {
  const databaseUrl = 'url' in location ? location.url : ''
  return runCommand(['rate-limits', ...args], { DATABASE_URL: databaseUrl, THROTTLING_RATES: 'login=7/min' })
}

// The embedded database belongs to the test worker, and another process cannot reach it.
test.skipIf(!('url' in location))(
  'a change by the command applies to a running pod within seconds',
  async () => {
    const { user, browser } = await signedIn(pod)
    const headers = { cookie: asScript(browser).cookie }
    const limit = async () => limitOf(await ask(pod, '/api/v1/users/me', { headers })).limit
    expect(await limit()).toBe(2000)

    const set = await rateLimits('set', 'authenticated-wildcard', '77/hour', '--user', user.username)
    expect(set.out).toBe(
      `authenticated-wildcard is 77/hour for the user ${user.username}. A running pod knows within seconds.\n`,
    )
    await vi.waitFor(async () => expect(await limit()).toBe(77), { timeout: 6_000, interval: 100 })

    await rateLimits('remove', 'authenticated-wildcard', '--user', user.username)
    await vi.waitFor(async () => expect(await limit()).toBe(2000), { timeout: 6_000, interval: 100 })
  },
  60_000,
)

test.skipIf(!('url' in location))(
  'the list shows what is configured, and who has another rate',
  async () => {
    const { client } = await aClient(pod.db, { name: 'Tempo' })
    await rateLimits('set', 'oauth-token', 'unlimited', '--client', client.clientId)
    const { out } = await rateLimits('list')
    expect(out).toMatch(/^login +7\/min +Logins +\(usually 30\/hour\)$/m)
    expect(out).toMatch(new RegExp(`^oauth-token +unlimited +client ${client.clientId} \\(Tempo\\)$`, 'm'))
    expect(JSON.parse((await rateLimits('list', '--json')).out)).toMatchObject({
      enabled: true,
      scopes: { login: '7/min', fetch: '200/d' },
      overrides: [{ scope: 'oauth-token', rate: 'unlimited', client: client.clientId, client_name: 'Tempo' }],
    })
  },
  60_000,
)

test.skipIf(!('url' in location))(
  'mistakes are named',
  async () => {
    expect((await rateLimits('set', 'logn', '5/m', '--user', 'x')).error).toContain('There is no scope logn')
    expect((await rateLimits('set', 'login', '5/m')).error).toContain('either --user or --client')
    expect((await rateLimits('set', 'login', '5/m', '--client', 'x')).error).toContain('no client with this client_id')
  },
  60_000,
)

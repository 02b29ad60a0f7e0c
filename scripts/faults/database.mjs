import { setTimeout } from 'node:timers/promises'
import pg from 'pg'

/** What needs the database, with credentials that are good. */
function requests({ visitor, client, cookies, tokens, loginForm }) {
  return {
    'a call with a token': () => visitor.ask('/api/v1/users/me/', { bearer: tokens.access_token }),
    'a call with a session': () => visitor.ask('/api/v1/users/me/', { cookies }),
    'a page of a signed-in user': () => visitor.ask('/settings', { cookies, headers: { accept: 'text/html' } }),
    'a refresh': () => visitor.token(client, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }),
    'client credentials': () => visitor.token(client, { grant_type: 'client_credentials' }),
    'a revocation': () => {
      const { client_id, client_secret } = client
      return visitor.ask('/api/v1/oauth/revoke', { form: { client_id, client_secret, token: tokens.access_token } })
    },
    'a registration': () => visitor.register(),
    'a login': () => visitor.ask('/login', loginForm),
  }
}

export async function testStoppedDatabase(report, setting) {
  const { server } = setting
  report.title('The database is stopped and started again (S84)')
  await testLostDatabase(report, setting, { take: () => server.stop(), giveBack: () => server.start() })
}

export async function testFrozenDatabase(report, setting) {
  const { server } = setting
  report.title('The database says nothing for a while (S84)')
  await testLostDatabase(report, setting, { take: () => server.freeze(), giveBack: () => server.thaw() })
}

/** S84: 503 with Retry-After within 10 s on all of it, never a refusal of what is good; back within 10 s. */
async function testLostDatabase(report, setting, { take, giveBack }) {
  const { visitor, tokens, client } = setting
  // So that some requests find a connection that seems to work.
  await Promise.all(Array.from({ length: 5 }, () => visitor.register()))
  await take()
  await checkUnavailable(report, requests(setting))
  await checkHealth(report, visitor, 503)
  await setTimeout(1_000)
  await giveBack()
  const since = performance.now()
  let status = 0
  while (status !== 200 && performance.now() - since < 15_000) {
    status = (await visitor.ask('/api/v1/users/me/', { bearer: tokens.access_token })).status
    if (status !== 200) await setTimeout(100)
  }
  const ms = Math.round(performance.now() - since)
  report.check('the pod is back by itself within 10 s', status === 200 && ms < 10_000, `${ms} ms`)
  await checkHealth(report, visitor, 200)
  const refreshed = await visitor.token(client, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
  report.check('the refresh token that was offered meanwhile is not burnt', refreshed.status === 200)
  if (refreshed.status === 200) setting.tokens = refreshed.json
}

/** S85: the same for writes; reads go on. */
export async function testReadOnlyDatabase(report, setting) {
  const { visitor, tokens, cookies } = setting
  report.title('The database refuses writes (S85)')
  await query(setting, 'ALTER SYSTEM SET default_transaction_read_only = on')
  await query(setting, 'SELECT pg_reload_conf()')
  await setTimeout(500)
  const all = requests(setting)
  const writes = ['a refresh', 'client credentials', 'a revocation', 'a registration']
  await checkUnavailable(report, Object.fromEntries(writes.map((name) => [name, all[name]])))
  const reads = { 'a call with a token': { bearer: tokens.access_token }, 'a call with a session': { cookies } }
  for (const [name, by] of Object.entries(reads)) {
    const { status, text } = await visitor.ask('/api/v1/users/me/', by)
    report.check(`${name} is answered`, status === 200, `${status} ${status === 200 ? '' : text.slice(0, 100)}`)
  }
  await query(setting, 'ALTER SYSTEM RESET default_transaction_read_only')
  await query(setting, 'SELECT pg_reload_conf()')
  await setTimeout(500)
  const { status } = await visitor.register()
  report.check('writes work again at once when they are allowed again', status === 201, String(status))
}

/** S86: all connections are held up; what is beyond is turned away instead of piling up, and health is told. */
export async function testBusyPool(report, setting) {
  const { visitor } = setting
  report.title('All connections of the pool wait for a lock (S86)')
  const holder = new pg.Client(setting.server.url)
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE MODE')
  const since = performance.now()
  const waiting = Array.from({ length: 60 }, () => visitor.register())
  await setTimeout(500)
  const live = await visitor.ask('/health/live')
  report.check('liveness is told meanwhile', live.status === 200 && live.ms < 2_000, `${Math.round(live.ms)} ms`)
  const ready = await visitor.ask('/health/ready')
  report.check('readiness is told within 5 s', [200, 503].includes(ready.status) && ready.ms < 5_000, `${ready.status}`)
  const answers = await Promise.all(waiting)
  const slowest = Math.round(performance.now() - since)
  const isRight = answers.every(({ status, retryAfter }) => status === 503 && retryAfter > 0)
  report.check(
    '60 registrations are all answered 503 with Retry-After within 12 s',
    isRight && slowest < 12_000,
    `${slowest} ms, ${[...new Set(answers.map(({ status }) => status))]}`,
  )
  await holder.query('ROLLBACK')
  await holder.end()
  const { status } = await visitor.register()
  report.check('the pod works at once when the lock is gone', status === 201, String(status))
}

async function checkUnavailable(report, all) {
  const answers = await Promise.all(Object.entries(all).map(async ([name, send]) => [name, await send()]))
  for (const [name, { status, retryAfter, ms, text }] of answers) {
    const holds = status === 503 && retryAfter > 0 && ms < 10_000
    const detail = `${status}, Retry-After ${retryAfter}, ${Math.round(ms)} ms${holds ? '' : `, ${text.slice(0, 120)}`}`
    report.check(`${name} is answered 503 with Retry-After within 10 s`, holds, detail)
  }
}

async function checkHealth(report, visitor, ready) {
  const answers = await Promise.all(['/health/live', '/health/ready'].map((path) => visitor.ask(path)))
  const statuses = answers.map(({ status }) => status)
  report.check(`liveness is 200, readiness ${ready}`, statuses.join() === `200,${ready}`, statuses.join(', '))
}

async function query({ server }, sql) {
  const client = new pg.Client(server.url)
  await client.connect()
  await client.query(sql)
  await client.end()
}

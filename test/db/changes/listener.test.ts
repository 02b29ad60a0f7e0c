import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { setOverride } from '../../../src/access/rate-limits/overrides.ts'
import { closeDatabase, type DatabaseClient, openDatabase } from '../../../src/db/database.ts'
import { openStore } from '../../../src/db/store.ts'
import { podOn } from '../../support/app.ts'
import { runCommand } from '../../support/commands.ts'
import { emptyDatabase, testDatabaseLocation } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { someTokens, useToken } from '../../support/oauth-flow.ts'
import { warm, watchedPod } from '../../support/pods-together.ts'
import { runSql } from '../../support/sql.ts'

const location = await testDatabaseLocation()
const url = 'url' in location ? location.url : undefined
const soon = { timeout: 8_000, interval: 20 }

async function opened(...given: Parameters<typeof openDatabase>): Promise<DatabaseClient> {
  const db = openDatabase(...given)
  onTestFinished(() => closeDatabase(db))
  db.listener?.start()
  return db
}

const trusted = (db: DatabaseClient) => vi.waitFor(() => expect(db.changes.isTrusted()).toBe(true), soon)

async function command(args: string[], env: Record<string, string>): Promise<void> {
  expect((await runCommand(args, env)).status).toBe(0)
}

test.skipIf(url === undefined)('before it listens, and while its connection is lost, nothing is trusted', async () => {
  const db = await opened(location)
  expect(db.changes.isTrusted()).toBe(false)
  await trusted(db)
  const before = db.changes.latest
  await runSql(
    url ?? '',
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'baleen listener' AND datname = current_database()",
  )
  await vi.waitFor(() => expect(db.changes.isTrusted()).toBe(false), soon)
  // What was kept is right only as far as nothing was missed meanwhile.
  expect(db.changes.isUnchanged([], before)).toBe(true)
  await trusted(db)
  expect(db.changes.isUnchanged([], before)).toBe(false)
})

test.skipIf(url === undefined)(
  'a token is looked up each time while the connection is lost, and dies all the same',
  async () => {
    const pod = await watchedPod(location)
    onTestFinished(() => pod.close())
    await emptyDatabase(pod.db)
    const user = await aUser(pod.db)
    const { access_token } = await someTokens(pod, await aClient(pod.db), { user })
    await warm(pod, access_token)
    await pod.db.listener?.stop()
    const { statements } = await pod.statementsOf(() => useToken(pod, access_token))
    expect(statements.some((sql) => sql.includes('access_hash'))).toBe(true)
    await runSql(url ?? '', `UPDATE users SET is_active = false WHERE id = ${user.id}`)
    expect((await useToken(pod, access_token)).statusCode).toBe(401)
  },
)

test.skipIf(url === undefined)(
  'settings and rates that another process changes are known within a second',
  async () => {
    const pod = await watchedPod(location, { changes: { throttlingEnabled: true } })
    const other = await watchedPod(location)
    onTestFinished(async () => void (await Promise.all([pod.close(), other.close()])))
    await emptyDatabase(pod.db)
    const user = await aUser(pod.db, { username: 'alice' })
    await pod.ready()
    await vi.waitFor(() => expect(pod.db.listener?.isUp).toBe(true))
    const inTime = { timeout: 1_000, interval: 5 }
    await other.services.settings.change({ instance__name: 'Whale song' })
    await vi.waitFor(() => expect(pod.services.settings.get('instance__name')).toBe('Whale song'), inTime)
    await setOverride(other.db, 'login', '7/min', { username: 'alice' })
    const rate = () => pod.services.rateLimits.limitFor('login', { userId: user.id }).text
    await vi.waitFor(() => expect(rate()).toBe('7/min'), inTime)
  },
)

test.skipIf(url === undefined)(
  'a command in another process ends a token of a running pod',
  async () => {
    const pod = await watchedPod(location)
    onTestFinished(() => pod.close())
    await emptyDatabase(pod.db)
    const user = await aUser(pod.db, { username: 'alice' })
    const { access_token } = await someTokens(pod, await aClient(pod.db), { user })
    await warm(pod, access_token)
    await command(['users', 'deactivate', 'alice'], { DATABASE_URL: url ?? '' })
    await vi.waitFor(async () => expect((await useToken(pod, access_token)).statusCode).toBe(401), { timeout: 1_000 })
  },
  60_000,
)

test('on the embedded database tokens are kept too, and a command through the running pod ends them', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  const store = await openStore({ dataDir, databaseUrl: undefined }, { purpose: 'pod' })
  const pod = await podOn(store.db)
  onTestFinished(async () => {
    await pod.close()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  await trusted(store.db)
  const user = await aUser(pod.db, { username: 'alice' })
  const { access_token } = await someTokens(pod, await aClient(pod.db), { user })
  expect((await useToken(pod, access_token)).statusCode).toBe(200)
  const [before] = [store.db.changes.latest]
  await command(['users', 'deactivate', 'alice'], { DATA_DIR: dataDir })
  expect(store.db.changes.isUnchanged([`users ${user.id}`], before)).toBe(false)
  expect((await useToken(pod, access_token)).statusCode).toBe(401)
}, 60_000)

const pgbouncer = '/usr/sbin/pgbouncer'

test.skipIf(url === undefined || !existsSync(pgbouncer))(
  'through PgBouncer in transaction mode: nothing is trusted by mistake, and all is with a direct way beside it',
  async () => {
    const pooled = await startPgbouncer(url ?? '')
    const owned = await watchedPod({ url: `${pooled}?pgbouncer=true` }, { directUrl: url ?? '' })
    const there = await watchedPod(location)
    const blind = await opened({ url: `${pooled}?pgbouncer=true` })
    const misled = await opened({ url: pooled })
    onTestFinished(async () => void (await Promise.all([owned.close(), there.close()])))
    await emptyDatabase(owned.db)
    const user = await aUser(owned.db, { username: 'alice' })
    const { access_token } = await someTokens(owned, await aClient(owned.db), { user })
    await Promise.all([warm(owned, access_token), warm(there, access_token)])
    await owned.db.user.update({ where: { id: user.id }, data: { isActive: false } })
    expect((await useToken(owned, access_token)).statusCode).toBe(401)
    const dead = async () => expect((await useToken(there, access_token)).statusCode).toBe(401)
    await vi.waitFor(dead, { timeout: 1_000, interval: 5 })
    expect(blind.listener).toBeUndefined()
    // It listens, and what it sends itself would have come back by now.
    await setTimeout(3_000)
    expect([blind.changes.isTrusted(), misled.changes.isTrusted()]).toEqual([false, false])
  },
  60_000,
)

/** @returns the address of the same database through it */
async function startPgbouncer(target: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-pgbouncer-'))
  const { pathname, searchParams } = new URL(target)
  const port = await freePort()
  const settings = [
    '[databases]',
    `* = host=${searchParams.get('host')} user=postgres`,
    '[pgbouncer]',
    `listen_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = any\npool_mode = transaction`,
    `logfile = ${folder}/log\npidfile = ${folder}/pid\nunix_socket_dir =`,
    'ignore_startup_parameters = extra_float_digits',
  ]
  await writeFile(join(folder, 'pgbouncer.ini'), settings.join('\n'), { mode: 0o644 })
  await chmod(folder, 0o777)
  const child = spawn(pgbouncer, ['-u', 'postgres', join(folder, 'pgbouncer.ini')], { stdio: 'ignore' })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const pooled = `postgresql://postgres@127.0.0.1:${port}${pathname}`
  await vi.waitFor(() => runSql(pooled, 'SELECT 1'), soon)
  return pooled
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return address !== null && typeof address === 'object' ? address.port : 0
}

/**
 * Kills a busy pod again and again, starts it again, and checks that nothing it had said yes to is lost and nothing is
 * live twice: on the embedded database, and on PostgreSQL if this machine has it. `--rounds N` (10).
 */
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { bringUpToDate } from './build/build.mjs'
import { keepBusy, newLedger } from './crash/activity.mjs'
import { Caller } from './crash/caller.mjs'
import { findViolations } from './crash/checks.mjs'
import { throwawayFolder } from './throwaway/folder.mjs'
import { freePort, ThrowawayPod } from './throwaway/pod.mjs'
import { findPostgres } from './throwaway/postgres.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } })
const rounds = Number(values.rounds)

async function embeddedDatabase() {
  const folder = throwawayFolder('crash')
  return {
    name: 'embedded database',
    folder,
    env: {},
    location: () => ({ host: realpathSync(join(folder, 'socket')), user: 'postgres', database: 'postgres' }),
    victims: ['pod'],
  }
}

async function realDatabase() {
  const server = findPostgres()
  if (server === undefined) return undefined
  await server.start()
  return {
    name: 'PostgreSQL',
    folder: throwawayFolder('crash'),
    env: { DATABASE_URL: server.url },
    location: () => ({ connectionString: server.url }),
    victims: ['pod', 'pod and database', 'database'],
    server,
  }
}

async function testRounds(database) {
  // A cut-off refresh is repeated once the pod is back, however long that takes.
  const env = { ...database.env, REFRESH_TOKEN_GRACE_SECONDS: '600', THROTTLING_ENABLED: 'false' }
  const pod = new ThrowawayPod({ folder: database.folder, port: await freePort(), env })
  await pod.start()
  let violations = 0
  for (let round = 1; round <= rounds; round += 1) violations += await testRound(database, pod, round)
  await pod.stop()
  return violations
}

async function testRound(database, pod, round) {
  const caller = new Caller(pod.url)
  const [user, former] = [round, round - 1].map(accountOf)
  const ledger = newLedger()
  const { client, cookies } = await prepare(caller, pod, user)
  ledger.users.push(user)
  const busy = await keepBusy({ caller, pod, client, cookies, ledger, round, former })
  const victim = database.victims[round % database.victims.length]
  const delay = 100 + Math.round(Math.random() * 1400)
  await setTimeout(delay)
  await kill(victim, database, pod)
  await busy.ended
  const backIn = await restart(victim, database, pod)
  caller.isPatient = true
  const violations = await findViolations({
    caller,
    client,
    cookies,
    ledger,
    query: queryOf(database),
    folder: database.folder,
  })
  console.log(
    `${database.name}, round ${round}: killed the ${victim} after ${delay} ms; ${summary(ledger)}; back in ${backIn} ms`,
  )
  for (const sentence of new Set(violations)) console.log(`  WRONG: ${sentence}`)
  return violations.length
}

function accountOf(round) {
  return { username: `user${round}`, password: `the password of user ${round}`, isCertain: true }
}

async function prepare(caller, pod, { username, password }) {
  const options = ['--username', username, '--email', `${username}@example.org`]
  const { status, output } = await pod.admin(['users', 'create', ...options], { BALEEN_PASSWORD: password })
  if (status !== 0) throw new Error(output)
  const client = (await caller.register('Crash test')).json
  return { client, cookies: await caller.logIn(username, password) }
}

async function kill(victim, { server }, pod) {
  if (victim !== 'pod') server.kill()
  if (victim !== 'database') await pod.kill()
}

async function restart(victim, { server }, pod) {
  const since = performance.now()
  if (victim !== 'pod') await server.start()
  if (victim !== 'database') await pod.start()
  return Math.round(performance.now() - since)
}

function queryOf(database) {
  return async (sql, parameters) => {
    const client = new pg.Client(database.location())
    await client.connect()
    try {
      return (await client.query(sql, parameters)).rows
    } finally {
      await client.end()
    }
  }
}

function summary({ clients, users, unusedCodes, cutOffCodes, families, uploads, started }) {
  const refreshes = families.reduce((sum, { older }) => sum + older.length, 0)
  const revoked = families.filter(({ isRevoked }) => isRevoked).length
  const pending = families.filter(({ pending }) => pending !== undefined).length
  const done = `${families.length} exchanges, ${refreshes} refreshes, ${revoked} revocations, ${clients.length} registrations`
  return `${done}, ${unusedCodes.length} unused codes, ${users.length} accounts, ${uploads.length} uploads, ${pending + cutOffCodes.length + started - uploads.length} requests cut off`
}

await bringUpToDate()
const databases = [await embeddedDatabase(), await realDatabase()].filter((database) => database !== undefined)
let violations = 0
for (const database of databases) violations += await testRounds(database)
if (databases.length === 1)
  console.log('PostgreSQL was not found on this machine, so only the embedded database was tested.')
console.log(`${rounds * databases.length} kills, ${violations} violations`)
process.exitCode = violations === 0 ? 0 : 1
process.exit()

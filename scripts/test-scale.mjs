/**
 * Two pods on one PostgreSQL, behind PgBouncer in transaction mode where this machine has it: what one does counts at the
 * other, within a second where it is kept in memory, and nothing is done twice. `--direct` leaves PgBouncer out.
 */
import { parseArgs } from 'node:util'
import pg from 'pg'
import { bringUpToDate } from './build/build.mjs'
import { Caller } from './crash/caller.mjs'
import { Pair } from './scale/pair.mjs'
import { scenarios } from './scale/scenarios.mjs'
import { throwawayFolder } from './throwaway/folder.mjs'
import { startPgBouncer } from './throwaway/pgbouncer.mjs'
import { freePort, ThrowawayPod } from './throwaway/pod.mjs'
import { findPostgres } from './throwaway/postgres.mjs'

const { values } = parseArgs({ options: { direct: { type: 'boolean', default: false } } })

await bringUpToDate()
const postgres = findPostgres()
if (postgres === undefined) {
  console.log('PostgreSQL was not found on this machine: nothing was tested.')
  process.exit()
}
await postgres.start()
const bouncer = values.direct ? undefined : await startPgBouncer(postgres)
const way = bouncer === undefined ? 'straight to PostgreSQL' : 'through PgBouncer in transaction mode'
console.log(
  `Two pods ${way}${bouncer === undefined && !values.direct ? '; PgBouncer was not found on this machine' : ''}`,
)

const database =
  bouncer === undefined
    ? { DATABASE_URL: postgres.url }
    : { DATABASE_URL: `${bouncer.url}?pgbouncer=true`, DATABASE_DIRECT_URL: postgres.url }
const folder = throwawayFolder('scale')
const ports = [await freePort(), await freePort()]
// One address for both, as behind a load balancer.
const env = { ...database, PUBLIC_URL: `http://127.0.0.1:${ports[0]}` }
const pods = ports.map((port) => new ThrowawayPod({ folder, port, env }))
for (const pod of pods) await pod.start()

const client = new pg.Client(postgres.url)
await client.connect()
client.on('error', () => undefined)
const query = async (sql, parameters) => (await client.query(sql, parameters)).rows
const pair = new Pair({ pods, callers: pods.map(({ url }) => new Caller(url)), query, bouncer })
await pair.prepare()

let wrong = 0
for (const [promise, keep] of Object.entries(scenarios)) {
  try {
    const measured = await keep(pair)
    console.log(`✔ ${promise}${measured === undefined ? '' : `: ${measured}`}`)
  } catch (error) {
    wrong += 1
    console.log(`✘ ${promise}: ${error.message}`)
  }
}
for (const pod of pods) await pod.stop()
console.log(`${Object.keys(scenarios).length - wrong} kept, ${wrong} not`)
process.exit(wrong === 0 ? 0 : 1)

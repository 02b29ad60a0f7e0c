/**
 * Takes away, one after the other, what a pod needs, on a PostgreSQL of this machine, and checks that it says so, burns
 * nothing, and is back by itself (S84–S88). `--quick` leaves out what takes more than a minute.
 */
import { parseArgs } from 'node:util'
import { bringUpToDate } from './build/build.mjs'
import { testBusyPool, testFrozenDatabase, testReadOnlyDatabase, testStoppedDatabase } from './faults/database.mjs'
import { smallDisk, testFullDisk } from './faults/disk.mjs'
import { testEnding } from './faults/ending.mjs'
import { Report } from './faults/report.mjs'
import { testSlowClients } from './faults/slow-clients.mjs'
import { Visitor } from './faults/visitor.mjs'
import { throwawayFolder } from './throwaway/folder.mjs'
import { freePort, ThrowawayPod } from './throwaway/pod.mjs'
import { findPostgres } from './throwaway/postgres.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })

/** A pod with an account, an app and tokens. */
async function makeSetting() {
  const server = findPostgres()
  if (server === undefined) throw new Error('This needs the programs of a PostgreSQL server on this machine.')
  await server.start()
  const folder = throwawayFolder('faults')
  const disk = smallDisk(folder)
  const env = { DATABASE_URL: server.url, THROTTLING_ENABLED: 'false', LOG_LEVEL: 'fatal' }
  const pod = new ThrowawayPod({ folder, port: await freePort(), env })
  await pod.start()
  const account = ['--username', 'alice', '--email', 'alice@example.org']
  const password = 'a password of alice'
  const { status, output } = await pod.admin(['users', 'create', ...account], { BALEEN_PASSWORD: password })
  if (status !== 0) throw new Error(output)
  const visitor = new Visitor(pod.url)
  const cookies = await visitor.logIn('alice', password)
  const loginForm = await visitor.loginForm('alice', password)
  const client = (await visitor.register()).json
  const tokens = await visitor.authorize(client, cookies)
  return { server, pod, visitor, cookies, loginForm, client, tokens, disk }
}

await bringUpToDate()
const report = new Report()
const setting = await makeSetting()
await testStoppedDatabase(report, setting)
await testFrozenDatabase(report, setting)
await testReadOnlyDatabase(report, setting)
await testBusyPool(report, setting)
await testFullDisk(report, setting)
if (!values.quick) await testSlowClients(report, setting)
await testEnding(report, setting)
console.log(`\n${report.failures === 0 ? 'All is as promised.' : `${report.failures} promises were broken.`}`)
process.exit(report.failures === 0 ? 0 : 1)

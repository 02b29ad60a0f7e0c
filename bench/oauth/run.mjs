/**
 * How fast the authorization server is: Baleen with everything on, node-oidc-provider, and floors that show what the
 * machine can do at all. All run side by side and are measured in turns, so that what else the machine does meets all.
 *   npm run bench                                        about 5 minutes
 *   npm run bench -- --rounds 3 --ms 500                 a short look
 *   npm run bench -- --only refresh,registration --without oidc-provider
 *   npm run bench -- --profile FOLDER                    CPU profiles of the pod, one per run
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { findPostgres } from '../../scripts/throwaway/postgres.mjs'
import { measure, median } from './measure.mjs'
import { startBaleen, startFloors, startPeer } from './servers.mjs'
import { printTables } from './tables.mjs'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    ms: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string' },
    without: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
})
const load = { connections: Number(options.connections), ms: Number(options.ms) }
/** Until the program is compiled, or it takes too long. */
const [warmUps, warmUpMs] = [6_000, 6_000]
const wanted = options.only?.split(',')
const without = options.without.split(',')

const database = findPostgres()
if (database === undefined) throw new Error('The bench needs a PostgreSQL on this machine.')
await database.start()
const profile = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
const baleen = await startBaleen(database, profile)
const floors = await startFloors(baleen)
const peer = without.includes('oidc-provider') ? undefined : await startPeer(database)

const contestants = {
  Baleen: { server: baleen.server, operations: baleen.operations },
  ...(peer && { 'node-oidc-provider': peer }),
  L1: { server: floors.server, operations: floors.l1 },
  L4: { server: floors.server, operations: floors.l4 },
  L2: { server: floors.server, operations: floors.l2 },
}

const results = {}
for (const operation of Object.keys(baleen.operations)) {
  if (wanted === undefined || wanted.some((name) => operation.startsWith(name))) {
    results[operation] = await measureAll(operation)
  }
}
printTables(results, { rounds: options.rounds, ...load, loadBefore: loadavg()[0] })
for (const { server } of Object.values(contestants)) server.stop()
setTimeout(() => process.exit(), 3_000)

async function measureAll(operation) {
  const able = Object.entries(contestants).filter(([, { operations }]) => operations[operation] !== undefined)
  for (const [, one] of able)
    await measure(one.server, one.operations[operation], { ...load, ms: warmUpMs, most: warmUps })
  const rounds = Object.fromEntries(able.map(([name]) => [name, []]))
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [name, one] of round % 2 === 0 ? able : able.toReversed()) {
      rounds[name].push(await measure(one.server, one.operations[operation], load))
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, all]) => [name, middle(all)]))
}

function middle(all) {
  return Object.fromEntries(Object.keys(all[0]).map((figure) => [figure, median(all.map((one) => one[figure]))]))
}

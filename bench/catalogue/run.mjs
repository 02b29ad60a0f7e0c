/**
 * How fast a catalogue of 100,000 tracks is listed, filtered and searched: the time of answers at 8 requests at a time,
 * each kind apart, on a PostgreSQL and a pod of its own. Fails when the 95th percentile of a kind is over 50 ms on a machine
 * that does little else, or when a statement reads a big table from end to end.
 *   npm run bench:catalogue               about 5 minutes
 *   npm run bench:catalogue -- playable   only kinds with this in their name
 *   npm run bench:catalogue -- '' plans   only how PostgreSQL goes about it
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { throwawayFolder } from '../../scripts/throwaway/folder.mjs'
import { freePort, ThrowawayPod } from '../../scripts/throwaway/pod.mjs'
import { findPostgres } from '../../scripts/throwaway/postgres.mjs'
import { applicationToken } from '../application-token.mjs'
import { httpRequest } from '../limiter/load.mjs'
import { fill, samples } from './data.mjs'
import { load } from './load.mjs'
import { explainEverything, sequentialScans } from './plans.mjs'
import { requestsFor } from './requests.mjs'

const connections = 8
const measuredMs = 2_500
const slowestMs = 50
/** Share of the machine that other programs may take while something is measured, and how often it is tried. */
const mostOfOthers = 0.1
const tries = 3
/** A server plans a prepared statement anew five times before it may settle for one plan. */
const timesExplained = 7

const [wanted = '', only] = process.argv.slice(2)
const database = findPostgres()
if (database === undefined) throw new Error('This needs the programs of PostgreSQL (initdb, postgres).')
await database.start()
const buckets = ['list', 'retrieve', 'wildcard'].map((name) => `authenticated-${name}=999999999/hour`)
const pod = new ThrowawayPod({
  folder: throwawayFolder('catalogue'),
  port: await freePort(),
  env: { DATABASE_URL: database.url, THROTTLING_RATES: buckets.join(',') },
})
await pod.start()
const token = await applicationToken(pod)
const since = performance.now()
await fill(database.url)
console.log(`The catalogue took ${Math.round((performance.now() - since) / 1000)} s.`)
const { host, port } = new URL(pod.url)
const kinds = Object.entries(requestsFor(await samples(database.url))).filter(([name]) => name.includes(wanted))
const requestOf = (path) => httpRequest(path.replace('HOST', host), { authorization: `Bearer ${token}` })

const table = {}
if (only !== 'plans') for (const [name, paths] of kinds) table[name] = await measureQuietly(paths.map(requestOf))
console.table(table)
const quiet = Object.entries(table).filter(([, { others }]) => others <= mostOfOthers)
const slow = quiet.filter(([, { p95, refused }]) => p95 > slowestMs || refused > 0)
console.log(`Measured on a quiet machine: ${quiet.length} of ${Object.keys(table).length}; only these are judged.`)
console.log(
  slow.length === 0
    ? `All p95 are within ${slowestMs} ms.`
    : `Over ${slowestMs} ms or refused: ${slow.map(([name]) => name).join(', ')}`,
)

await pod.stop()
await explainEverything(database.url)
await pod.start()
const scans = []
for (const [name, paths] of kinds) {
  const explained = database.log.length
  for (let time = 0; time < timesExplained; time += 1) await ask([requestOf(paths[time % paths.length])])
  await setTimeout(50)
  scans.push(...sequentialScans(database.log.slice(explained)).map((scan) => ({ name, ...scan })))
}
const different = new Map(scans.map((scan) => [`${scan.table} ${scan.statement}`, scan]))
// Without a filter that an index knows there is no other way to count; done once after something was written.
const [counts, others] = [[], []]
for (const scan of different.values()) (isCountOf(scan) ? counts : others).push(scan)
console.log(`Counted by reading the table that is listed: ${counts.map(({ name }) => name).join(', ') || 'nothing'}.`)
for (const { name, table: of, statement } of others)
  console.log(`\n${of} is read from end to end (${name}):\n${statement}`)
console.log(
  others.length === 0
    ? 'Otherwise no big table is read from end to end.'
    : `${others.length} statements read a big table from end to end.`,
)
await pod.stop()
database.kill()
process.exitCode = slow.length + others.length === 0 ? 0 : 1

function isCountOf({ table: of, statement }) {
  return statement.includes('SELECT count(*)') && statement.includes(`FROM ${of} e `)
}

/** Again, if other programs have disturbed it; the least disturbed counts. */
async function measureQuietly(requests) {
  const measured = []
  for (let time = 0; time < tries; time += 1) {
    measured.push(await measure(requests))
    if (measured.at(-1).others <= mostOfOthers) break
  }
  return measured.sort((a, b) => a.others - b.others)[0]
}

async function measure(requests) {
  await ask(requests.concat(requests).slice(0, 40))
  const cpu = { pod: cpuOf(pod.pid), server: await serverCpu() }
  const all = { machine: machineCpu(), own: ownCpu() + allThreadsOf(pod.pid) }
  const until = performance.now() + measuredMs
  let next = 0
  const answers = await load(Number(port), {
    connections,
    requestOf: () => (performance.now() < until ? requests[next++ % requests.length] : undefined),
  })
  const machine = machineCpu() - all.machine
  const server = (await serverCpu()) - cpu.server
  const own = ownCpu() + allThreadsOf(pod.pid) - all.own + server
  const refused = answers.filter(({ status }) => status !== '200').length
  const times = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const at = (share) => Math.round(times[Math.floor((times.length - 1) * share)] * 10) / 10
  return {
    'requests/s': Math.round((answers.length / measuredMs) * 1000),
    refused,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    kB: Math.round(answers.reduce((sum, { bytes }) => sum + bytes, 0) / answers.length / 1000),
    'CPU ms pod': perAnswer(cpuOf(pod.pid) - cpu.pod, answers),
    'CPU ms server': perAnswer(server, answers),
    others: Math.max(0, Math.round(((machine - own) / measuredMs / availableParallelism()) * 100) / 100),
  }
}

function perAnswer(milliseconds, answers) {
  return Math.round((milliseconds / answers.length) * 10) / 10
}

/** One after the other; again where the pod has too much to do. */
async function ask(requests) {
  const left = [...requests]
  const answers = await load(Number(port), { connections: 1, requestOf: () => left.shift() })
  const again = answers.flatMap(({ status }, index) => (status === '503' ? [requests[index]] : []))
  const bad = answers.find(({ status }) => !['200', '503'].includes(status))
  if (bad !== undefined) throw new Error(bad.answer.toString())
  if (again.length === 0) return
  await setTimeout(500)
  await ask(again)
}

/** Milliseconds of the main thread, as Linux counts them. */
function cpuOf(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

function ownCpu() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds, in ticks of ten. */
function allThreadsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Of all programs, in ticks of ten. */
function machineCpu() {
  const [user, nice, system] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number)
  return (user + nice + system) * 10
}

/** Of all connections of the pod. */
async function serverCpu() {
  const client = new pg.Client(database.url)
  await client.connect()
  const { rows } = await client.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'baleen'`)
  await client.end()
  return rows.reduce((sum, { pid }) => sum + cpuOf(pid), 0)
}

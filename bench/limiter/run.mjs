/**
 * What the limiter costs: requests per second and CPU time of a pod with limits on, as a ratio to the same pod with
 * limits off; and the memory of the pod after requests from 10^4, 10^5 and 10^6 addresses. One process is up to a tenth
 * faster than another of the same program, so the pods are started several times, and measured in turns.
 *   npm run bench:limiter            about 6 minutes
 *   npm run bench:limiter -- speed   or memory: one of the two
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { throwawayFolder } from '../../scripts/throwaway/folder.mjs'
import { freePort, ThrowawayPod } from '../../scripts/throwaway/pod.mjs'
import { findPostgres } from '../../scripts/throwaway/postgres.mjs'
import { applicationToken } from '../application-token.mjs'
import { httpRequest, load } from './load.mjs'

const starts = 6
const rounds = 12
const roundMs = 500
const connections = 16

const database = findPostgres()
await database?.start()
const env = { LOG_LEVEL: 'warn', TRUSTED_PROXIES: '127.0.0.1', ...(database && { DATABASE_URL: database.url }) }
const huge = ['anonymous-wildcard', 'authenticated-wildcard', 'login'].map((scope) => `${scope}=999999999/hour`)

const parts = process.argv.slice(2)
if (parts.length === 0 || parts.includes('speed')) await measureSpeed()
if (parts.length === 0 || parts.includes('memory')) await measureMemory()
database?.kill()

/** Runs with a pod that limits and one that does not. */
async function withPods(work) {
  const start = async (more) => {
    const pod = new ThrowawayPod({
      folder: throwawayFolder('limiter'),
      port: await freePort(),
      env: { ...env, ...more },
    })
    await pod.start()
    return pod
  }
  const pods = {
    on: await start({ THROTTLING_RATES: huge.join(',') }),
    off: await start({ THROTTLING_ENABLED: 'false' }),
  }
  await work(pods)
  await Promise.all([pods.on.stop(), pods.off.stop()])
}

async function measureSpeed() {
  const measured = {}
  let token
  for (let number = 0; number < starts; number += 1) {
    await withPods(async (pods) => {
      token ??= await applicationToken(pods.off)
      for (const [kind, request] of Object.entries(requests(token))) {
        measured[kind] ??= []
        measured[kind].push(await compare(pods, request))
      }
    })
  }
  console.log(`Medians of ${starts} starts, and the lowest and highest ratio:`)
  console.table(Object.fromEntries(Object.entries(measured).map(([kind, all]) => [kind, summary(all)])))
}

function requests(token) {
  return {
    'GET /api/v1/users/me with a token': httpRequest('/api/v1/users/me', { authorization: `Bearer ${token}` }),
    'GET /.well-known/oauth-authorization-server': httpRequest('/.well-known/oauth-authorization-server'),
    'GET /api/v1/nowhere, the cheapest there is': httpRequest('/api/v1/nowhere'),
  }
}

/** In turns, so that what else the machine does meets both pods. */
async function compare(pods, request) {
  for (let number = 0; number < 4; number += 1) for (const pod of [pods.on, pods.off]) await round(pod, request)
  const figures = { on: [], off: [] }
  for (let number = 0; number < rounds; number += 1) {
    for (const name of number % 2 === 0 ? ['on', 'off'] : ['off', 'on'])
      figures[name].push(await round(pods[name], request))
  }
  const of = (name, figure) => median(figures[name].map((one) => one[figure]))
  return {
    perSecond: { on: of('on', 'perSecond'), off: of('off', 'perSecond') },
    microseconds: { on: of('on', 'microseconds'), off: of('off', 'microseconds') },
  }
}

function summary(all) {
  const speeds = all.map(({ perSecond }) => perSecond.on / perSecond.off)
  const middle = (read) => Math.round(median(all.map(read)))
  return {
    'requests/s on': middle(({ perSecond }) => perSecond.on),
    'requests/s off': middle(({ perSecond }) => perSecond.off),
    ratio: median(speeds).toFixed(3),
    'from – to': `${Math.min(...speeds).toFixed(2)} – ${Math.max(...speeds).toFixed(2)}`,
    'CPU µs on': middle(({ microseconds }) => microseconds.on),
    'CPU µs off': middle(({ microseconds }) => microseconds.off),
    'CPU ratio': median(all.map(({ microseconds }) => microseconds.off / microseconds.on)).toFixed(3),
  }
}

async function round(pod, request) {
  const cpu = cpuMicrosecondsOf(pod.pid)
  const since = performance.now()
  const statuses = await load(portOf(pod), {
    connections,
    requestOf: () => (performance.now() - since < roundMs ? request : undefined),
  })
  if (statuses['429'] !== undefined) throw new Error('The limit was reached')
  const answers = Object.values(statuses).reduce((sum, count) => sum + count)
  return {
    perSecond: (answers / (performance.now() - since)) * 1000,
    microseconds: (cpuMicrosecondsOf(pod.pid) - cpu) / answers,
  }
}

async function measureMemory() {
  const table = {}
  await withPods(async (pods) => {
    let first = 0
    for (const addresses of [0, 1e4, 1e5, 1e6]) {
      for (const pod of [pods.on, pods.off]) await askFrom(pod, first, addresses)
      first = addresses
      table[`${addresses} addresses`] = {
        'logs, 1 request each': logMegabytes(addresses, 1),
        'logs, 4 requests each': logMegabytes(addresses, 4),
        'whole pod, limits on': residentMegabytes(pods.on),
        'whole pod, limits off': residentMegabytes(pods.off),
      }
    }
  })
  console.log('Resident memory in MB, of the logs alone, and of pods that were asked once from each address:')
  console.table(table)
}

/** In a process that does nothing else, as the garbage of a pod comes and goes. */
function logMegabytes(addresses, requests) {
  const script = fileURLToPath(new URL('logs.mjs', import.meta.url))
  const arguments_ = ['--expose-gc', script, addresses, requests].map(String)
  return Math.round(Number(execFileSync(process.execPath, arguments_, { encoding: 'utf8' })) / 1e5) / 10
}

/** One request from each. */
async function askFrom(pod, first, end) {
  let next = first
  await load(portOf(pod), { connections, requestOf: () => (next < end ? fromAddress(next++) : undefined) })
}

function fromAddress(number) {
  const address = [10, (number >> 16) & 255, (number >> 8) & 255, number & 255].join('.')
  return httpRequest('/api/v1/nowhere', { 'x-forwarded-for': address })
}

function portOf(pod) {
  return Number(new URL(pod.url).port)
}

/** Of the main thread, as Linux counts it. */
function cpuMicrosecondsOf(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000
}

function residentMegabytes({ pid }) {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return Math.round((kilobytes * 1024) / 1e5) / 10
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}

/**
 * What the limiter costs: requests per second and CPU time of a pod with limits on, as a ratio to the same pod with
 * limits off, measured in turns; and the memory of the pod after requests from 10^4, 10^5 and 10^6 addresses.
 *   npm run bench:limiter            about 5 minutes
 *   npm run bench:limiter -- speed   or memory: one of the two
 */
import { readFileSync } from 'node:fs'
import { throwawayFolder } from '../../scripts/throwaway/folder.mjs'
import { freePort, ThrowawayPod } from '../../scripts/throwaway/pod.mjs'
import { findPostgres } from '../../scripts/throwaway/postgres.mjs'
import { httpRequest, load } from './load.mjs'

const rounds = 16
const roundMs = 2_000
const connections = 16
const password = 'correct horse battery'

const database = findPostgres()
await database?.start()
const env = { LOG_LEVEL: 'warn', TRUSTED_PROXIES: '127.0.0.1', ...(database && { DATABASE_URL: database.url }) }
const huge = ['anonymous-wildcard', 'authenticated-wildcard', 'login'].map((scope) => `${scope}=999999999/hour`)

const on = await startPod({ ...env, THROTTLING_RATES: huge.join(',') })
const off = await startPod({ ...env, THROTTLING_ENABLED: 'false' })
const parts = process.argv.slice(2)
if (parts.length === 0 || parts.includes('speed')) await measureSpeed()
if (parts.length === 0 || parts.includes('memory')) await measureMemory()
await Promise.all([on.stop(), off.stop()])
database?.kill()

async function startPod(env) {
  const pod = new ThrowawayPod({ folder: throwawayFolder('limiter'), port: await freePort(), env })
  await pod.start()
  return pod
}

async function measureSpeed() {
  const token = await applicationToken(on)
  const kinds = {
    'GET /api/v1/users/me with a token': httpRequest('/api/v1/users/me', { authorization: `Bearer ${token}` }),
    'GET /api/v1/nowhere (404), the cheapest there is': httpRequest('/api/v1/nowhere'),
  }
  const table = {}
  for (const [kind, request] of Object.entries(kinds)) table[kind] = await compare(request)
  console.table(table)
}

/** In turns, so that what else the machine does meets both pods. */
async function compare(request) {
  for (const pod of [on, off]) await round(pod, request)
  const figures = { on: [], off: [] }
  for (let number = 0; number < rounds; number += 1) {
    const order = number % 2 === 0 ? ['on', 'off'] : ['off', 'on']
    for (const name of order) figures[name].push(await round(name === 'on' ? on : off, request))
  }
  const pairs = figures.on.map((figure, index) => [figure, figures.off[index]])
  const ofCpu = pairs.map(([a, b]) => b.cpuMicroseconds / a.cpuMicroseconds)
  const cpu = (name) => Math.round(median(figures[name].map(({ cpuMicroseconds }) => cpuMicroseconds)))
  return {
    'requests/s on': Math.round(median(figures.on.map(({ perSecond }) => perSecond))),
    'requests/s off': Math.round(median(figures.off.map(({ perSecond }) => perSecond))),
    'ratio of requests/s': median(pairs.map(([a, b]) => a.perSecond / b.perSecond)).toFixed(3),
    'CPU µs on': cpu('on'),
    'CPU µs off': cpu('off'),
    'ratio of CPU': median(ofCpu).toFixed(3),
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
    cpuMicroseconds: (cpuMicrosecondsOf(pod.pid) - cpu) / answers,
  }
}

async function measureMemory() {
  const table = { 'before any request': { on: residentMegabytes(on), off: residentMegabytes(off) } }
  let addresses = 0
  for (const target of [1e4, 1e5, 1e6]) {
    const row = {}
    const first = addresses
    for (const [name, pod] of Object.entries({ on, off })) {
      addresses = first
      await load(portOf(pod), {
        connections,
        requestOf: () => (addresses < target ? fromAddress(addresses++) : undefined),
      })
      row[name] = residentMegabytes(pod)
    }
    table[`${target} addresses`] = { ...row, difference: Math.round((row.on - row.off) * 10) / 10 }
  }
  console.log('Resident memory of the pod in MB:')
  console.table(table)
}

function fromAddress(number) {
  const address = [10 + (number >> 24), (number >> 16) & 255, (number >> 8) & 255, number & 255].join('.')
  return httpRequest('/api/v1/nowhere', { 'x-forwarded-for': address })
}

/** The token of an OAuth client that its owner registers. */
async function applicationToken(pod) {
  const { status, output } = await pod.admin(['users', 'create', '--username', 'alice', '--email', 'a@example.org'], {
    BALEEN_PASSWORD: password,
  })
  if (status !== 0) throw new Error(output)
  const form = await fetch(`${pod.url}/login`)
  const csrf = form.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const login = await post(pod, '/api/v1/users/login', csrf, { username: 'alice', password })
  const cookies = login.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  const fields = { name: 'bench', scopes: 'read', redirect_uris: 'urn:ietf:wg:oauth:2.0:oob' }
  const app = await post(pod, '/api/v1/oauth/apps', cookies.join('; '), fields)
  const { token } = await app.json()
  if (typeof token !== 'string') throw new Error('No application token')
  return token
}

function post(pod, path, cookie, body) {
  const csrf = /csrftoken=([^;]*)/.exec(cookie)?.[1] ?? ''
  const headers = { cookie, 'x-csrftoken': csrf, 'content-type': 'application/json' }
  return fetch(pod.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

function portOf(pod) {
  return Number(new URL(pod.url).port)
}

/** Of all threads. Linux says it in hundredths of a second. */
function cpuMicrosecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

function residentMegabytes({ pid }) {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return Math.round((kilobytes * 1024) / 1e5) / 10
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}

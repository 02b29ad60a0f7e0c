/**
 * 40 people log in at the same moment: how long do everybody else's requests take meanwhile? (npm run bench:logins)
 * Prints one table; fails when a request is refused that should not be.
 */
import { setTimeout } from 'node:timers/promises'
import { throwawayFolder } from '../scripts/throwaway/folder.mjs'
import { freePort, ThrowawayPod } from '../scripts/throwaway/pod.mjs'

const people = 40
const password = 'correct horse battery'

const pod = new ThrowawayPod({
  folder: throwawayFolder('logins'),
  port: await freePort(),
  env: { THROTTLING_ENABLED: 'false' },
})
await pod.start()
const { status, output } = await pod.admin(['users', 'create', '--username', 'alice', '--email', 'alice@example.org'], {
  BALEEN_PASSWORD: password,
})
if (status !== 0) throw new Error(output)

const others = () => measure('/api/v1/users/me')
const quiet = await repeatUntil(setTimeout(1000), others)
const logins = Promise.all(Array.from({ length: people }, logIn))
const busy = await repeatUntil(logins, others)
const { statuses, times } = collect(await logins)
await pod.stop()

console.log(
  `${people} simultaneous logins: ${Object.entries(statuses)
    .map(([status, n]) => `${n} × ${status}`)
    .join(', ')}\n`,
)
console.table({
  'other requests, nobody logging in': summary(quiet),
  'other requests, during the logins': summary(busy),
  'the logins': summary(times),
})
if (Object.keys(statuses).some((status) => status !== '200' && status !== '503')) process.exitCode = 1

/** As a browser does: the form, then name and password. */
async function logIn() {
  const form = await fetch(`${pod.url}/login`)
  const cookie = form.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const headers = { cookie, 'x-csrftoken': cookie.slice(cookie.indexOf('=') + 1) }
  await form.text()
  const since = performance.now()
  const body = new URLSearchParams({ username: 'alice', password })
  const answer = await fetch(`${pod.url}/api/v1/users/login`, { method: 'POST', headers, body })
  await answer.text()
  return { status: answer.status, ms: performance.now() - since }
}

async function measure(path) {
  const since = performance.now()
  const answer = await fetch(pod.url + path)
  await answer.text()
  return performance.now() - since
}

async function repeatUntil(end, request) {
  let ended = false
  end.then(() => (ended = true))
  const times = []
  while (!ended) {
    times.push(await request())
    await setTimeout(5)
  }
  return times
}

function collect(answers) {
  const statuses = {}
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
  return { statuses, times: answers.map(({ ms }) => ms) }
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] * 10) / 10
  return { requests: sorted.length, 'p50 ms': at(0.5), 'p95 ms': at(0.95), 'max ms': at(1) }
}

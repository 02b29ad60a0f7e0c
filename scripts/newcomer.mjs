/**
 * Goes the way of README on a machine that has never seen Baleen: clones the last commit, installs, starts, creates an
 * account, registers an app, lets it in through the pages, gets a token and calls the API. Everything that is typed comes
 * out of README. Prints how long each step took, and fails where they took longer than three minutes together.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandsOf } from './newcomer/readme.mjs'
import { Visitor } from './newcomer/visitor.mjs'
import { throwawayFolder } from './throwaway/folder.mjs'
import { freePort } from './throwaway/pod.mjs'

const limitSeconds = 180
const password = 'the password of a newcomer'
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = throwawayFolder('newcomer')
const clone = join(folder, 'baleen')
const rows = []

async function step(what, work) {
  const since = performance.now()
  const result = await work()
  const seconds = (performance.now() - since) / 1000
  rows.push([what, seconds])
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${what}`)
  return result
}

/** Of this environment, a newcomer has the programs and the way to the registry. */
function environment(more) {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|npm_config_registry|npm_config_cafile|https?_proxy)$/i.test(name),
  )
  return { ...Object.fromEntries(kept), ...more }
}

function type(script, { cwd = clone, env = {}, stdio = ['pipe', 'pipe', 'pipe'] } = {}) {
  const child = spawn('bash', ['-euc', script], { cwd, env: environment(env), stdio, detached: true })
  process.once('exit', () => endGroup(child))
  child.printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (child.printed += chunk))
  return child
}

async function finish(child) {
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`ended with ${status}:\n${child.printed}`)
  return child.printed
}

/** With the processes that npm started. */
function endGroup({ pid, exitCode }) {
  if (exitCode !== null) return
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // All have ended.
  }
}

/** Resolves once this is printed; rejects if the program ends before. */
function printed(child, pattern) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(child.printed)
      if (found !== null) resolve(found)
    }
    child.stdout.on('data', look)
    child.once('close', (status) => reject(new Error(`ended with ${status}:\n${child.printed}`)))
    look()
  })
}

const readme = commandsOf(join(root, 'README.md'))
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const started = performance.now()

await step('git clone', () => finish(type(`git clone -q '${root}' '${clone}'`, { cwd: folder })))

const [install, run] = readme.start.split(' && ')
await step(install, () => finish(type(install)))
const pod = type(run, { env: { PORT: String(port) } })
await step(`${run}, until the pod listens`, () => printed(pod, /Baleen listens/))
await step(readme.account, () =>
  finish(type(readme.account, { env: { PORT: String(port), BALEEN_PASSWORD: password } })),
)

const shell = type(readme.walk.replace('POD=http://127.0.0.1:5000', `POD=${url}`))
const address = await step(
  'curl: register an app, make the address of its authorization page',
  async () => (await printed(shell, /^http\S+\/authorize\?\S+$/m))[0],
)
const code = await step('browser: log in, press Allow, copy the code', () =>
  new Visitor(url).allow(address, { username: 'alice', password }),
)
await step('curl: trade the code for a token, and the first call', async () => {
  shell.stdin.write(`${code}\n`)
  await printed(shell, /"access_token":"bla_/)
  await printed(shell, /"username":"alice"/)
})
const untilFirstCall = (performance.now() - started) / 1000
await step('curl: refresh, introspect, revoke, be refused', async () => {
  shell.stdin.end()
  const all = await finish(shell)
  if (!/"active":true.*"code":"invalid_token"/s.test(all)) throw new Error(all)
})
endGroup(pod)
await once(pod, 'close')

console.log(`\n| step | seconds |\n| --- | --: |`)
for (const [what, seconds] of rows) console.log(`| ${what.replaceAll('|', '\\|')} | ${seconds.toFixed(1)} |`)
console.log(
  `\n${untilFirstCall.toFixed(0)} s from the clone to the first call; at most ${limitSeconds} s are meant to pass`,
)
process.exit(untilFirstCall <= limitSeconds ? 0 : 1)

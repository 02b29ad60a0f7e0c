/**
 * Follows the Dockerfile step by step in a folder of its own, without Docker, then runs what comes out as a user without
 * rights, and tries what a pod needs packages, files and native code for. Prints how long each step took, and how large
 * the result is without its base image. `--keep` leaves the folder.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Caller } from './crash/caller.mjs'
import { lint, stagesOf } from './packaging/dockerfile.mjs'
import { Stage, sizeOf, writeImporter } from './packaging/image.mjs'
import { throwawayFolder } from './throwaway/folder.mjs'
import { freePort } from './throwaway/pod.mjs'

const nobody = { uid: 65534, gid: 65534 }
const unprivileged = process.getuid?.() === 0 ? nobody : {}
const password = 'a password for packaging'

async function timed(what, work) {
  const since = performance.now()
  const result = await work()
  console.log(`${((performance.now() - since) / 1000).toFixed(1).padStart(7)} s  ${what}`)
  return result
}

async function build(folder, text) {
  const stages = {}
  let stage
  for (const { name, steps } of stagesOf(text)) {
    stage = new Stage(join(folder, name || 'image'), stages)
    stages[name] = stage
    for (const step of steps) await timed(`${step.keyword} ${step.text.slice(0, 90)}`, () => stage.take(step))
  }
  return stage
}

/** A process of the image; `node` is the image's own. */
function start(image, [program, ...args], env) {
  const own = program === 'node' ? image.on('/usr/local/bin/node') : program
  return spawn(own, args, { cwd: image.on(image.workdir), env, ...unprivileged, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function outcome(child) {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [status] = await once(child, 'close')
  return { status, output }
}

async function succeed(image, command, env) {
  const { status, output } = await outcome(start(image, command, env))
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}:\n${output}`)
  return output
}

/** The variables of the image, with a folder and a port that can be had here; loopback in place of all addresses. */
async function environment(image) {
  const data = image.on(image.env.DATA_DIR)
  if ('uid' in unprivileged) chownSync(data, nobody.uid, nobody.gid)
  const port = String(await freePort())
  return {
    PATH: '/usr/bin:/bin',
    ...image.env,
    HOST: '127.0.0.1',
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: data,
  }
}

async function ready(url) {
  for (let tries = 0; tries < 300; tries += 1) {
    const status = await fetch(`${url}/health/ready`).then(
      (answer) => answer.status,
      () => undefined,
    )
    if (status === 200) return
    await setTimeout(100)
  }
  throw new Error('/health/ready did not become 200 within 30 s')
}

async function expectStatus(url, status, init) {
  const answer = await fetch(url, init)
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer
}

/** Passwords, pages, pictures and documents, each of which needs files beside the code. */
async function use(image, env) {
  const url = env.PUBLIC_URL
  const account = ['users', 'create', '--username', 'alice', '--email', 'alice@example.org']
  await succeed(image, ['node', 'dist/cli.js', ...account], { ...env, BALEEN_PASSWORD: password })
  const caller = new Caller(url)
  const cookies = await caller.logIn('alice', password)
  if (cookies === undefined) throw new Error('alice could not log in')
  const { json: client } = await caller.register('Packaging')
  const { json: tokens } = await caller.clientCredentials(client)
  if (!tokens.access_token) throw new Error(`No token: ${JSON.stringify(tokens)}`)
  for (const path of ['/docs', '/docs/admin', '/api/docs', '/api/docs/files/swagger-ui-bundle.js', '/api/openapi.json'])
    await expectStatus(url + path, 200)
  const picture = new FormData()
  picture.set('file', new Blob([readFileSync(image.on('dist/http/assets/avatar.png'))], { type: 'image/png' }), 'a.png')
  const cookie = Object.entries(cookies)
    .map((pair) => pair.join('='))
    .join('; ')
  const headers = { cookie, 'x-csrftoken': cookies.csrftoken }
  await expectStatus(`${url}/api/v1/attachments/`, 201, { method: 'POST', headers, body: picture })
}

const text = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8')
const complaints = lint(text)
for (const complaint of complaints) console.log(complaint)
if (complaints.length > 0) process.exit(1)

const keeps = process.argv.includes('--keep')
const folder = keeps ? mkdtempSync(join(tmpdir(), 'baleen-packaging-')) : throwawayFolder('packaging')
chmodSync(folder, 0o755)
const image = await build(folder, text)
const megabytes = (path) => `${Math.round(sizeOf(image.on(path)) / 1e6)} MB`
for (const path of ['/baleen/node_modules', '/baleen/dist', '/usr/local/bin'])
  console.log(`${megabytes(path).padStart(9)}  ${path}`)
console.log(`${megabytes('/').padStart(9)}  in all, without the base image${keeps ? `, in ${folder}` : ''}`)

const env = await environment(image)

writeImporter(join(folder, 'import-all.mjs'), image.on('dist'))
const modules = await timed('every module of dist/ finds what it imports', () =>
  succeed(image, ['node', join(folder, 'import-all.mjs')], env),
)
console.log(`           ${modules.trim()} modules`)

const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
const pod = start(image, image.command, { ...env, ...tracing })
process.once('exit', () => pod.kill('SIGKILL'))
const ended = outcome(pod)
await timed(`${image.command.join(' ')}, as ${image.user}, until it is ready`, () =>
  Promise.race([
    ready(env.PUBLIC_URL),
    ended.then(({ output }) => Promise.reject(new Error(`The pod ended:\n${output}`))),
  ]),
)
await timed('an account, a login, a token, the documentation, the explorer, a picture', () => use(image, env))
await timed('HEALTHCHECK', () => succeed(image, image.health, env))
await timed('SIGTERM', async () => {
  pod.kill('SIGTERM')
  const { status, output } = await ended
  if (status !== 0) throw new Error(`The pod ended with ${status}:\n${output}`)
})
const down = await outcome(start(image, image.health, env))
if (down.status !== 1) throw new Error(`HEALTHCHECK says ${down.status} about a pod that is gone`)

process.exit()

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const built = (name) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url))

/**
 * A pod on a folder, port and database of its own, as a child process that knows nothing of this environment.
 * `folder` is where it runs, so that it finds no `.env`.
 */
export class ThrowawayPod {
  #process
  #output = ''

  constructor({ folder, port, env = {} }) {
    this.folder = folder
    this.url = `http://127.0.0.1:${port}`
    this.env = {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      DATA_DIR: folder,
      ...env,
    }
  }

  /** @returns how many milliseconds it took to listen */
  async start() {
    const since = performance.now()
    this.#process = this.#spawn('server')
    endWithThisProcess(this.#process)
    const ended = once(this.#process, 'exit').then(([code]) => {
      throw new Error(`The pod ended with status ${code}:\n${this.#output}`)
    })
    await Promise.race([this.#listening(), ended])
    ended.catch(() => {})
    return Math.round(performance.now() - since)
  }

  /** Ctrl-C, unless another signal is given. @returns the exit status */
  async stop(signal = 'SIGINT') {
    return this.#end(signal)
  }

  /** The way a power cut ends it. */
  async kill() {
    await this.#end('SIGKILL')
  }

  /** What `npm run pod -- …` does. @returns the exit status and what was written */
  async admin(args, env = {}) {
    const child = this.#spawn('cli', args, env)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const [status] = await once(child, 'close')
    return { status, output }
  }

  get pid() {
    return this.#process.pid
  }

  /** Everything the pod has written so far. */
  get output() {
    return this.#output
  }

  #spawn(name, args = [], env = {}) {
    return spawn(process.execPath, ['--enable-source-maps', built(name), ...args], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  #listening() {
    return new Promise((resolve) => {
      const { stdout, stderr } = this.#process
      const read = (chunk) => {
        this.#output += chunk
        if (String(chunk).includes('Baleen listens')) resolve()
      }
      stdout.on('data', read)
      stderr.on('data', read)
    })
  }

  async #end(signal) {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    child.kill(signal)
    const [code] = await once(child, 'close')
    return code
  }
}

function endWithThisProcess(child) {
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
}

/** Free at the moment of asking. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

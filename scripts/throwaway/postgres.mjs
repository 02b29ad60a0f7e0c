import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { throwawayFolder } from './folder.mjs'

/**
 * A PostgreSQL server of this machine on a folder of its own, reached by a unix socket in it. Flushes to disk as in
 * production. Undefined where there is none, or nobody but root to run it.
 */
export function findPostgres() {
  const bin = findPrograms()
  const user = unprivilegedUser()
  return bin !== undefined && user !== undefined ? new ThrowawayPostgres(bin, user) : undefined
}

class ThrowawayPostgres {
  #bin
  #user
  #server
  #folder = throwawayFolder('postgres')

  constructor(bin, user) {
    this.#bin = bin
    this.#user = user
    this.url = `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(this.#folder)}`
    if ('uid' in user) chownSync(this.#folder, user.uid, user.gid)
    const options = ['-D', 'data', '-U', 'postgres', '-A', 'trust', '-E', 'UTF8']
    const { status, stderr } = spawnSync(join(bin, 'initdb'), options, {
      ...this.#how(),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`)
    process.once('exit', () => this.kill())
  }

  /** After a kill this waits for the recovery, and for what is left of the server before. */
  async start() {
    for (let tries = 0; tries < 100; tries += 1) {
      if (this.#server === undefined || this.#server.exitCode !== null || this.#server.signalCode !== null)
        this.#spawn()
      await setTimeout(100)
      if (await this.#answers()) return
    }
    throw new Error(`PostgreSQL does not start:\n${readFileSync(join(this.#folder, 'log'), 'utf8')}`)
  }

  /** As an admin ends it: connections are closed, what runs is undone. */
  async stop() {
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGINT')
    await ended
  }

  /** With all its processes, the way a power cut ends them. */
  kill() {
    const { pid, exitCode } = this.#server ?? {}
    if (pid === undefined || exitCode !== null) return
    const children = childrenOf(pid)
    for (const process_ of [pid, ...children]) tryToKill(process_)
  }

  /** It keeps its connections and takes new ones, and says nothing. */
  freeze() {
    this.#signal('SIGSTOP')
  }

  thaw() {
    this.#signal('SIGCONT')
  }

  #signal(signal) {
    const { pid } = this.#server
    for (const process_ of [pid, ...childrenOf(pid)]) process.kill(process_, signal)
  }

  /** Everything the server has written so far. */
  get log() {
    return readFileSync(join(this.#folder, 'log'), 'utf8')
  }

  get pid() {
    return this.#server.pid
  }

  #spawn() {
    const settings = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${this.#folder}`]
    const log = openSync(join(this.#folder, 'log'), 'a')
    const stdio = ['ignore', log, log]
    this.#server = spawn(join(this.#bin, 'postgres'), ['-D', 'data', ...settings], { ...this.#how(), stdio })
  }

  /** Who it runs as: `{ name, uid, gid }`, or nothing where that is who runs this. */
  get user() {
    return this.#user
  }

  #how() {
    const { uid, gid } = this.#user
    return { uid, gid, cwd: this.#folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } }
  }

  async #answers() {
    const client = new pg.Client(this.url)
    try {
      await client.connect()
      await client.end()
      return true
    } catch {
      return false
    }
  }
}

function childrenOf(pid) {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

function tryToKill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function findPrograms() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((name) => join(debian, name, 'bin'))]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root. Undefined if there is nobody else to be. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return user && { name: user[0], uid: Number(user[2]), gid: Number(user[3]) }
}

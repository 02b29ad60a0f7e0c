import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { throwawayFolder } from './folder.mjs'
import { freePort } from './pod.mjs'

const program = ['/usr/sbin/pgbouncer', '/usr/local/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'].find(existsSync)

/** A PgBouncer of this machine in transaction mode, before a throwaway PostgreSQL. Undefined where there is none. */
export async function startPgBouncer({ url, user }) {
  if (program === undefined) return undefined
  const bouncer = new ThrowawayPgBouncer(new URL(url).searchParams.get('host'), user, await freePort())
  await bouncer.start()
  return bouncer
}

class ThrowawayPgBouncer {
  #process
  #args

  constructor(socketFolder, user, port) {
    const folder = throwawayFolder('pgbouncer')
    const settings = [
      `[databases]\n* = host=${socketFolder} user=postgres`,
      `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =`,
      'auth_type = any\npool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 20',
      `logfile = ${folder}/log\npidfile = ${folder}/pid`,
    ]
    writeFileSync(join(folder, 'pgbouncer.ini'), settings.join('\n'))
    chmodSync(folder, 0o777)
    // It refuses to run as root, and changes to a user by name.
    this.#args = ['uid' in user ? ['-u', user.name] : [], join(folder, 'pgbouncer.ini')].flat()
    this.url = `postgresql://postgres@127.0.0.1:${port}/postgres`
    process.once('exit', () => this.#process?.kill('SIGKILL'))
  }

  async start() {
    this.#process = spawn(program, this.#args, { stdio: 'ignore' })
    for (let tries = 0; tries < 100; tries += 1) {
      await setTimeout(50)
      if (await this.#answers()) return
    }
    throw new Error('PgBouncer does not start')
  }

  async kill() {
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
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

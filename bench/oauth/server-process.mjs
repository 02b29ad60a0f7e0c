import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** A server as a child process that knows nothing of this environment. Its log goes nowhere, as cheaply as to a file. */
export async function startServer(script, { cwd, port, env, args = [] }) {
  const child = spawn(process.execPath, [...args, script], {
    cwd,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} has ended with status ${code}`)
  })
  await Promise.race([listening(port), ended])
  ended.catch(() => {})
  return { pid: child.pid, port, stop: () => child.kill('SIGINT') }
}

async function listening(port) {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port })
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isUp) return
    await setTimeout(50)
  }
}

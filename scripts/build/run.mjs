import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './inputs.mjs'

/** Runs a script of an installed package. @throws Error with what it printed, if it fails */
export function run(script, args) {
  const child = start(script, args, ['ignore', 'pipe', 'pipe'])
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(printed.trim() || `${script} failed`))))
  })
}

/** Hands the terminal to a script of an installed package, and ends as it does. */
export async function runInTerminal(script, args) {
  const child = start(script, args, 'inherit')
  // The terminal sends Ctrl-C to both; npm and process managers signal only this process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
}

/** False with production dependencies only. */
export function isInstalled(script) {
  return existsSync(join(root, 'node_modules', script))
}

function start(script, args, stdio) {
  return spawn(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, stdio })
}

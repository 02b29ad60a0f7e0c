import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

/** `npm run pod -- …` in a process of its own, without a terminal, with this environment and no other. */
export function startCommand(args: string[], env: Record<string, string>) {
  return spawn(process.execPath, ['--import', tsx, cli, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export interface CommandDone {
  status: number | null
  /** What was printed, and what was printed as an error. */
  out: string
  error: string
}

/** The same, to its end. */
export async function runCommand(args: string[], env: Record<string, string>): Promise<CommandDone> {
  const child = startCommand(args, env)
  const printed = { out: '', error: '' }
  child.stdout.on('data', (chunk) => {
    printed.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    printed.error += chunk
  })
  const [status] = await once(child, 'close')
  return { status, ...printed }
}

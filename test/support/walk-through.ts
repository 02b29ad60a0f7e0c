import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Walk-throughs are for people with a shell. */
export const hasPrograms = spawnSync('bash', ['-c', 'type curl openssl']).status === 0

/** What a document says to type, block by block. @param document its path from the root */
export function commandsIn(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8')
  return [...text.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block = '']) => block)
}

const shims = {
  // What is typed for other commands to read is not for these.
  npm: `[ "$1 $2 $3" = "run pod --" ] || { echo "npm $* is not run in tests" >&2; exit 9; }
shift 3
exec "${process.execPath}" --import "${import.meta.resolve('tsx')}" "${join(root, 'src/cli.ts')}" "$@" </dev/null`,
  npx: `exec "${join(root, 'node_modules/.bin')}/"$@ </dev/null`,
}

/** A folder of programs that take the place of npm's: `npm run pod` runs the sources, `npx` downloads nothing. */
export function programsIn(folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, script] of Object.entries(shims)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return `${folder}${delimiter}${process.env.PATH}`
}

interface Walk {
  script: string
  cwd: string
  env: Record<string, string>
  /** What is pasted before anything is asked for. */
  typed?: string
  /** Does in the browser what is said of this address of an authorization page; gives the code that is shown. */
  allow: (url: string) => Promise<string>
}

/**
 * Types it into a shell; the address of an authorization page that comes out is opened, and the code pasted.
 * @returns everything that was printed
 * @throws if a command fails
 */
export async function walkThrough({ script, cwd, env, typed = '', allow }: Walk): Promise<string> {
  const shell = spawn('bash', ['-euc', script], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] })
  shell.stdin.write(typed)
  let printed = ''
  shell.stdout.on('data', async (chunk) => {
    printed += chunk
    const address = /^http\S+\/authorize\?\S+$/m.exec(String(chunk))?.[0]
    if (address !== undefined) shell.stdin.write(`${await allow(address)}\n`)
  })
  const [status] = await once(shell, 'close')
  if (status !== 0) throw new Error(`the walk-through ended with ${status}: ${printed}`)
  return printed
}

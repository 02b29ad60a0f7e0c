import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Walk-throughs are for people with a shell. */
export const hasPrograms = spawnSync('bash', ['-c', 'type curl openssl']).status === 0

/** What a document says to type, as one script. @param document its path from the root */
export function commandsIn(document: string, section?: string): string {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8')
  const part = section === undefined ? text : (text.split(`## ${section}`)[1]?.split('\n## ')[0] ?? '')
  const blocks = [...part.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
  return blocks.filter((block) => !block.startsWith('npm ')).join('\n')
}

/**
 * Types it into a shell; the address of an authorization page that comes out is opened, and the code pasted.
 * @returns everything that was printed
 * @throws if a command fails
 */
export async function walkThrough(script: string, allow: (url: string) => Promise<string>): Promise<string> {
  const shell = spawn('bash', ['-euc', script], { stdio: ['pipe', 'pipe', 'inherit'] })
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

import { stderr, stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Config } from '../config.ts'
import type { DatabaseClient } from '../db/database.ts'
import { Problem } from '../lib/problem.ts'

/** What commands are handed. */
export interface Terminal {
  env: Record<string, string | undefined>
  config(): Config
  /** Opens the database for a while; a running pod shares its own. */
  withDatabase<Result>(work: (db: DatabaseClient) => Promise<Result>): Promise<Result>
}

export function say(text: string): void {
  stdout.write(`${text}\n`)
}

/** Says how far long work is, on a terminal only, in a line that is overwritten. */
export function progress(): { show: (text: string) => void; end: () => void } {
  const isShown = stderr.isTTY === true
  let shownAt = 0
  return {
    show: (text) => {
      if (!isShown || performance.now() - shownAt < 100) return
      shownAt = performance.now()
      stderr.write(`\r\u001b[K${text}`)
    },
    end: () => {
      if (isShown) stderr.write('\r\u001b[K')
    },
  }
}

/** Columns as wide as they need be. */
export function table(rows: string[][]): string {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)), [])
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The password that was given or is in BALEEN_PASSWORD; otherwise it is asked for. */
export async function readPassword({ env }: Terminal, given: string | undefined): Promise<string> {
  const password = given ?? env.BALEEN_PASSWORD
  if (password !== undefined) return password
  if (!stdin.isTTY) throw new Problem('invalid', 'Give a password with --password or in BALEEN_PASSWORD.')
  const first = await askHidden('Password: ')
  if (first !== (await askHidden('Again: '))) throw new Problem('invalid', 'The two passwords differ.')
  return first
}

/** What is typed is not shown. */
async function askHidden(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  // From here on the terminal shows nothing, so the question comes after.
  const lines = createInterface({ input: stdin, output: silent, terminal: true })
  stdout.write(question)
  const answer = await lines.question('')
  lines.close()
  stdout.write('\n')
  return answer
}

import { existsSync } from 'node:fs'
import { stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Command } from 'commander'
import { createUser, listUsers, setActive, setPassword } from './accounts/users.ts'
import { ConfigError, readConfig } from './config.ts'
import type { DatabaseClient } from './db/database.ts'
import { DataDirInUse, DataDirNotWritable } from './db/embedded/data-dir-lock.ts'
import { EmbeddedDatabaseError } from './db/embedded/embedded-database.ts'
import { MigrationError } from './db/migrations.ts'
import { openSharedStore, openStore } from './db/store.ts'
import { createPasswordHasher } from './lib/password-hasher.ts'
import { Problem } from './lib/problem.ts'

const hasher = createPasswordHasher()

const program = new Command('pod').description('Administer this pod. Works whether or not the pod is running.')
const users = program.command('users').description('the people who have an account here')

users
  .command('create')
  .description('create an account; asks for the password unless it is given')
  .requiredOption('--username <name>', 'letters, digits and underscores')
  .requiredOption('--email <address>', 'counts as confirmed')
  .option('--password <password>', 'better: let it be asked for, or set BALEEN_PASSWORD')
  .option('--superuser', 'may administer the pod', false)
  .action(async (options) => {
    const password = await readPassword(options.password)
    const { username, email, superuser: isSuperuser } = options
    await withDatabase(async (db) => {
      const user = await createUser(db, hasher, { username, email, password, isSuperuser })
      say(`Created ${user.isSuperuser ? 'the superuser' : 'the account'} ${user.username}.`)
    })
  })

users
  .command('set-password <username>')
  .description('set a new password and end all sessions of the account')
  .option('--password <password>', 'better: let it be asked for, or set BALEEN_PASSWORD')
  .action(async (username, options) => {
    const password = await readPassword(options.password)
    await withDatabase((db) => setPassword(db, hasher, username, password))
    say(`Changed the password of ${username} and ended its sessions.`)
  })

users
  .command('deactivate <username>')
  .description('lock an account: no login, and no token speaks for it')
  .action(async (username) => {
    await withDatabase((db) => setActive(db, username, false))
    say(`Deactivated ${username}.`)
  })

users
  .command('activate <username>')
  .description('let an account in again')
  .action(async (username) => {
    await withDatabase((db) => setActive(db, username, true))
    say(`Activated ${username}.`)
  })

users
  .command('list')
  .description('show all accounts')
  .option('--json', 'as JSON', false)
  .action(async ({ json }) => {
    const rows = await withDatabase(listUsers)
    const shown = rows.map((user) => ({
      id: user.id,
      username: user.username,
      email: user.email,
      active: user.isActive,
      superuser: user.isSuperuser,
      created: user.createdAt.toISOString(),
    }))
    say(json ? JSON.stringify(shown, null, 2) : table(shown))
  })

program
  .command('migrate')
  .description('bring the database up to date; starting the pod does so too')
  .option('--retry', 'run a migration again that failed, after its cause was removed', false)
  .action(async ({ retry }) => {
    const store = await openStore(readConfig(process.env), { purpose: 'migration', retryFailed: retry, log: say })
    await store.close()
    say(store.migrated.length === 0 ? 'The database is up to date.' : `Applied ${store.migrated.join(', ')}.`)
  })

async function withDatabase<Result>(work: (db: DatabaseClient) => Promise<Result>): Promise<Result> {
  const store = await openSharedStore(readConfig(process.env), { purpose: 'pod command' })
  try {
    return await work(store.db)
  } finally {
    await store.close()
  }
}

async function readPassword(given: string | undefined): Promise<string> {
  const password = given ?? process.env.BALEEN_PASSWORD
  if (password !== undefined) return password
  if (!stdin.isTTY) throw new Problem('invalid', 'Give a password with --password or in BALEEN_PASSWORD.')
  const first = await askHidden('Password: ')
  if (first !== (await askHidden('Again: '))) throw new Problem('invalid', 'The two passwords differ.')
  return first
}

/** What is typed is not shown. */
async function askHidden(question: string): Promise<string> {
  stdout.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: true })
  const answer = await lines.question('')
  lines.close()
  stdout.write('\n')
  return answer
}

function table(rows: { username: string; email: string; active: boolean; superuser: boolean }[]): string {
  if (rows.length === 0) return 'There are no accounts yet.'
  const marks = ({ active, superuser }: { active: boolean; superuser: boolean }) =>
    [superuser && 'superuser', !active && 'deactivated'].filter(Boolean).join(', ')
  const widest = Math.max(...rows.map(({ username }) => username.length))
  return rows.map((row) => `${row.username.padEnd(widest)}  ${row.email}  ${marks(row)}`.trimEnd()).join('\n')
}

function say(text: string): void {
  stdout.write(`${text}\n`)
}

function explain(error: unknown): string {
  if (error instanceof Problem && error.kind === 'not_found') return 'There is no such account.'
  if (error instanceof Problem) return error.message
  const known = [ConfigError, DataDirInUse, DataDirNotWritable, EmbeddedDatabaseError, MigrationError]
  if (known.some((kind) => error instanceof kind)) return (error as Error).message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

if (existsSync('.env')) process.loadEnvFile('.env')
program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
})

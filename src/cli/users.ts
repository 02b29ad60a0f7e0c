import type { Command } from 'commander'
import { createUser, listUsers, setActive, setPassword } from '../accounts/users.ts'
import { createPasswordHasher } from '../lib/password-hasher.ts'
import { readPassword, say, type Terminal, table } from './terminal.ts'

const hasher = createPasswordHasher()

export function addUserCommands(program: Command, terminal: Terminal): void {
  const users = program.command('users').description('the people who have an account here')

  users
    .command('create')
    .description('create an account; asks for the password unless it is given')
    .requiredOption('--username <name>', 'letters, digits and underscores')
    .requiredOption('--email <address>', 'counts as confirmed')
    .option('--password <password>', 'better: let it be asked for, or set BALEEN_PASSWORD')
    .option('--superuser', 'may administer the pod', false)
    .action(async (options) => {
      const password = await readPassword(terminal, options.password)
      const { username, email, superuser: isSuperuser } = options
      await terminal.withDatabase(async (db) => {
        const user = await createUser(db, hasher, { username, email, password, isSuperuser }, terminal.config())
        say(`Created ${user.isSuperuser ? 'the superuser' : 'the account'} ${user.username}.`)
      })
    })

  users
    .command('set-password <username>')
    .description('set a new password and end all sessions of the account')
    .option('--password <password>', 'better: let it be asked for, or set BALEEN_PASSWORD')
    .action(async (username, options) => {
      const password = await readPassword(terminal, options.password)
      await terminal.withDatabase((db) => setPassword(db, hasher, username, password, terminal.config()))
      say(`Changed the password of ${username} and ended its sessions.`)
    })

  users
    .command('deactivate <username>')
    .description('lock an account: no login, and no token speaks for it')
    .action(async (username) => {
      await terminal.withDatabase((db) => setActive(db, username, false))
      say(`Deactivated ${username}.`)
    })

  users
    .command('activate <username>')
    .description('let an account in again')
    .action(async (username) => {
      await terminal.withDatabase((db) => setActive(db, username, true))
      say(`Activated ${username}.`)
    })

  users
    .command('list')
    .description('show all accounts')
    .option('--json', 'as JSON', false)
    .action(async ({ json }) => {
      const rows = await terminal.withDatabase(listUsers)
      if (json) say(JSON.stringify(rows.map(describeUser), null, 2))
      else say(rows.length === 0 ? 'There are no accounts yet.' : table(rows.map(userRow)))
    })
}

type User = Awaited<ReturnType<typeof listUsers>>[number]

function describeUser({ id, username, email, isActive, isSuperuser, createdAt }: User) {
  return { id, username, email, active: isActive, superuser: isSuperuser, created: createdAt.toISOString() }
}

function userRow({ username, email, isActive, isSuperuser }: User): string[] {
  return [username, email, [isSuperuser && 'superuser', !isActive && 'deactivated'].filter(Boolean).join(', ')]
}

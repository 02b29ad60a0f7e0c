import type { Command } from 'commander'
import {
  createInvitation,
  deleteInvitation,
  type InvitationWithPeople,
  listInvitations,
} from '../accounts/invitations/invitations.ts'
import { findUserByName } from '../accounts/users.ts'
import { Problem } from '../lib/problem.ts'
import { say, type Terminal, table } from './terminal.ts'

export function addInvitationCommands(program: Command, terminal: Terminal): void {
  const invitations = program.command('invitations').description('let people sign up while registration is closed')

  invitations
    .command('create')
    .description('invite one person; prints the link to hand over')
    .option('--code <code>', 'in place of one that is made up')
    .option('--owner <username>', 'who invites')
    .action(async ({ code, owner }) => {
      const config = terminal.config()
      await terminal.withDatabase(async (db) => {
        const ownerId = owner === undefined ? undefined : (await findUserByName(db, owner)).id
        const made = await createInvitation(db, config, { code: readCode(code), ownerId })
        say(`Until ${day(made.expiresAt)}, one person can sign up at`)
        say(`${config.publicUrl}/signup?invitation=${encodeURIComponent(made.code)}`)
      })
    })

  invitations
    .command('list')
    .description('show all invitations, newest first')
    .option('--json', 'as JSON', false)
    .action(async ({ json }) => {
      const { invitations: rows } = await terminal.withDatabase((db) => listInvitations(db))
      if (json) say(JSON.stringify(rows.map(describe), null, 2))
      else say(rows.length === 0 ? 'There are no invitations.' : table(rows.map(rowOf)))
    })

  invitations
    .command('delete <code>')
    .description('take back an invitation that nobody has used')
    .action(async (code) => {
      if (!(await terminal.withDatabase((db) => deleteInvitation(db, code)))) {
        throw new Problem('invalid', 'There is no unused invitation with this code.')
      }
      say(`Took back the invitation ${code}.`)
    })
}

function readCode(code: string | undefined): string | undefined {
  if (code === undefined || /^[\x21-\x7e]{1,50}$/.test(code)) return code
  throw new Problem('invalid', 'A code has 1 to 50 letters, digits and signs, without blanks.')
}

function describe({ code, owner, invitedUser, createdAt, expiresAt }: InvitationWithPeople) {
  return {
    code,
    owner: owner?.username ?? null,
    usedBy: invitedUser?.username ?? null,
    created: createdAt.toISOString(),
    expires: expiresAt.toISOString(),
  }
}

function rowOf({ code, invitedUser, expiresAt }: InvitationWithPeople): string[] {
  if (invitedUser !== null) return [code, `used by ${invitedUser.username}`]
  return [code, `${expiresAt > new Date() ? 'valid until' : 'expired on'} ${day(expiresAt)}`]
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

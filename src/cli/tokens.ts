import type { Command } from 'commander'
import { findUserByName } from '../accounts/users.ts'
import { Problem } from '../lib/problem.ts'
import { pruneCodes } from '../oauth/authorization/codes.ts'
import { pruneRequests } from '../oauth/authorization/consent-requests.ts'
import { pruneDeviceAuthorizations } from '../oauth/device/device-authorizations.ts'
import { pruneGrants } from '../oauth/grants/grants.ts'
import { pruneTokens } from '../oauth/tokens/prune.ts'
import { revokeTokensOfClient, revokeTokensOfUser } from '../oauth/tokens/revoke-all.ts'
import { progress, say, type Terminal, table } from './terminal.ts'

const steps = [
  ['tokens', pruneTokens],
  ['codes', pruneCodes],
  ['grants', pruneGrants],
  ['requests', pruneRequests],
  ['devices', pruneDeviceAuthorizations],
] as const

export function addTokenCommands(program: Command, terminal: Terminal): void {
  const tokens = program.command('tokens').description('what apps have been given')

  tokens
    .command('prune')
    .description('delete what expired more than a day ago; a running pod does so too, every day')
    .option('--json', 'as JSON', false)
    .action(async ({ json }) => {
      const shown = progress()
      const round = { now: new Date(), goOn: () => true }
      const done = await terminal.withDatabase(async (db) => {
        const counts: [string, number][] = []
        for (const [name, prune] of steps) {
          shown.show(name)
          counts.push([name, await prune(db, round)])
        }
        return counts
      })
      shown.end()
      say(json ? JSON.stringify(Object.fromEntries(done)) : table(done.map(([name, count]) => [name, String(count)])))
    })

  tokens
    .command('revoke')
    .description('end all tokens of a user, those of their own applications included, or all of a client')
    .option('--user <username>', 'tokens that speak for this user')
    .option('--client <client_id>', 'tokens that this client holds')
    .option('--json', 'as JSON', false)
    .action(async ({ user, client, json }) => {
      if ((user === undefined) === (client === undefined)) {
        throw new Problem('invalid', 'Say whose tokens: either --user or --client.')
      }
      const count = await terminal.withDatabase(async (db) =>
        user === undefined
          ? revokeTokensOfClient(db, client)
          : revokeTokensOfUser(db, (await findUserByName(db, user)).id),
      )
      if (json) say(JSON.stringify({ revoked: count }))
      else
        say(`Revoked ${count} token${count === 1 ? '' : 's'} of ${user ?? client}. A running pod knows within seconds.`)
    })
}

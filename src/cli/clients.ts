import { type Command, InvalidArgumentError } from 'commander'
import { countUnusedClients, type ListedClient, listAllClients, purgeUnusedClients } from '../oauth/clients/purge.ts'
import { progress, say, type Terminal, table } from './terminal.ts'

const dayMs = 24 * 60 * 60 * 1000

export function addClientCommands(program: Command, terminal: Terminal): void {
  const apps = program.command('apps').description('the OAuth clients that are registered here')

  apps
    .command('list')
    .description('show all apps, newest first, and how many people have allowed them something')
    .option('--json', 'as JSON', false)
    .action(async ({ json }) => {
      const rows = await terminal.withDatabase(listAllClients)
      if (json) say(JSON.stringify(rows.map(describe), null, 2))
      else say(rows.length === 0 ? 'There are no apps.' : table(rows.map(rowOf)))
    })

  apps
    .command('purge')
    .description('delete apps that were registered without an account and that nobody has allowed anything')
    .option('--days <days>', 'registered longer ago than this', wholeNumber, 30)
    .option('--dry-run', 'only say how many there are', false)
    .option('--json', 'as JSON', false)
    .action(async ({ days, dryRun, json }) => {
      const before = new Date(Date.now() - days * dayMs)
      const shown = progress()
      const count = await terminal.withDatabase((db) =>
        dryRun ? countUnusedClients(db, before) : purgeUnusedClients(db, before, (all) => shown.show(`${all} apps`)),
      )
      shown.end()
      if (json) say(JSON.stringify({ apps: count, deleted: !dryRun }))
      else say(`${dryRun ? 'Would delete' : 'Deleted'} ${count} unused app${count === 1 ? '' : 's'}.`)
    })
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

function describe({ clientId, createdAt, ...rest }: ListedClient) {
  return { client_id: clientId, ...rest, created: createdAt.toISOString() }
}

function rowOf({ clientId, name, owner, createdAt, grants }: ListedClient): string[] {
  const people = `${grants} ${grants === 1 ? 'person' : 'people'}`
  return [clientId, name, createdAt.toISOString().slice(0, 10), people, owner === null ? '' : `of ${owner}`]
}

import type { Command } from 'commander'
import { readMigrationState, withBareClient } from '../db/migration-state.ts'
import { openStore } from '../db/store.ts'
import { say, type Terminal, table } from './terminal.ts'

export function addMigrateCommand(program: Command, terminal: Terminal): void {
  program
    .command('migrate')
    .description('bring the database up to date; starting the pod does so too')
    .option('--retry', 'run a migration again that failed, after its cause was removed', false)
    .option('--status', 'only say what is missing; the exit status is 1 if anything is', false)
    .option('--json', 'as JSON', false)
    .action(async ({ retry, status, json }) => {
      if (status) return tellStatus(terminal, json)
      const log = json ? () => undefined : say
      const store = await openStore(terminal.config(), { purpose: 'migration', retryFailed: retry, log })
      await store.close()
      if (json) say(JSON.stringify({ applied: store.migrated }))
      else say(store.migrated.length === 0 ? 'The database is up to date.' : `Applied ${store.migrated.join(', ')}.`)
    })
}

async function tellStatus(terminal: Terminal, json: boolean): Promise<void> {
  const { applied, missing, unknown } = await withBareClient(terminal.config(), readMigrationState)
  if (missing.length + unknown.length > 0) process.exitCode = 1
  if (json) return say(JSON.stringify({ applied, missing, unknown }, null, 2))
  const rows = [
    ...applied.map((name) => [name, 'applied']),
    ...missing.map((name) => [name, 'missing']),
    ...unknown.map((name) => [name, 'of a newer release']),
  ]
  say(table(rows))
}

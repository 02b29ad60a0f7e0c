import type { Command } from 'commander'
import { changeSetting, isInSection, settingNames } from '../api/instance/settings.ts'
import type { DatabaseClient } from '../db/database.ts'
import { Problem } from '../lib/problem.ts'
import { catalogue, type SettingName } from '../settings/catalogue.ts'
import { isSettingName, loadSettings, type Settings } from '../settings/settings.ts'
import { say, type Terminal, table } from './terminal.ts'

export function addSettingCommands(program: Command, terminal: Terminal): void {
  const settings = program.command('settings').description('what the people of this pod have set')

  settings
    .command('list')
    .description('show all settings, or those of a section')
    .option('--section <section>', 'like instance or users')
    .option('--json', 'as JSON', false)
    .action(async ({ section, json }) => {
      const names = settingNames.filter((name) => isInSection(name, section))
      await withSettings(terminal, async (held) => {
        const values = names.map((name) => [name, held.get(name)] as const)
        say(json ? JSON.stringify(Object.fromEntries(values), null, 2) : table(values.map(settingRow)))
      })
    })

  settings
    .command('get <identifier>')
    .description('show one setting, as JSON')
    .action(async (identifier) => {
      const name = requireName(identifier)
      await withSettings(terminal, async (held) => say(JSON.stringify(held.get(name))))
    })

  settings
    .command('set <identifier> <value>')
    .description('change a setting: true, 12, some text, or several words with commas between them')
    .action(async (identifier, value) => {
      const name = requireName(identifier)
      await withSettings(terminal, async (held) => {
        await changeSetting(held, name, value)
        say(`${name} is ${JSON.stringify(held.get(name))}. A running pod knows within seconds.`)
      })
    })
}

async function withSettings(terminal: Terminal, work: (settings: Settings) => Promise<void>): Promise<void> {
  await terminal.withDatabase(async (db) => {
    const settings = await load(terminal, db)
    await work(settings).finally(() => settings.stop())
  })
}

function load(terminal: Terminal, db: DatabaseClient): Promise<Settings> {
  return loadSettings(db, { common__api_authentication_required: terminal.config().apiAuthenticationRequired })
}

function settingRow([name, value]: readonly [SettingName, unknown]): string[] {
  const [shown, usual] = [JSON.stringify(value), JSON.stringify(catalogue[name].default)]
  return [name, shown, shown === usual ? '' : `(usually ${usual})`]
}

function requireName(identifier: string): SettingName {
  if (isSettingName(identifier)) return identifier
  throw new Problem('invalid', `There is no setting ${identifier}. "settings list" shows all there are.`)
}

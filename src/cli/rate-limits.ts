import type { Command } from 'commander'
import { listOverrides, type OverrideOwner, removeOverride, setOverride } from '../access/rate-limits/overrides.ts'
import type { Config } from '../config.ts'
import { Problem } from '../lib/problem.ts'
import { type ThrottleScope, throttleScopes } from '../throttling.ts'
import { say, type Terminal, table } from './terminal.ts'

type Override = Awaited<ReturnType<typeof listOverrides>>[number]

export function addRateLimitCommands(program: Command, terminal: Terminal): void {
  const limits = program.command('rate-limits').description('how many requests who may make')

  limits
    .command('list')
    .description('show the rate of every scope, and who has another one')
    .option('--json', 'as JSON', false)
    .action(async ({ json }) => {
      const config = terminal.config()
      const overrides = await terminal.withDatabase(listOverrides)
      say(json ? JSON.stringify(asJson(config, overrides), null, 2) : describe(config, overrides))
    })

  ofSomebody(limits.command('set <scope> <rate>'))
    .description(
      'give a user or a client a rate of their own, like 10/min or unlimited; a running pod knows in seconds',
    )
    .action(async (scope: string, rate: string, options: OwnerOptions) => {
      const owner = readOwner(options)
      await terminal.withDatabase((db) => setOverride(db, scope, rate, owner))
      say(`${scope} is ${rate} for ${nameOf(owner)}. A running pod knows within seconds.`)
    })

  ofSomebody(limits.command('remove <scope>'))
    .description('let the configured rate apply to a user or a client again')
    .action(async (scope: string, options: OwnerOptions) => {
      const owner = readOwner(options)
      const wasThere = await terminal.withDatabase((db) => removeOverride(db, scope, owner))
      say(wasThere ? `${nameOf(owner)} has the usual rate of ${scope} again.` : 'There was nothing to remove.')
    })
}

interface OwnerOptions {
  user?: string
  client?: string
}

function ofSomebody(command: Command): Command {
  return command
    .option('--user <username>', 'requests of this user')
    .option('--client <client_id>', 'requests of this client, counted apart for each of its users')
}

function readOwner({ user, client }: OwnerOptions): OverrideOwner {
  if (user !== undefined && client === undefined) return { username: user }
  if (client !== undefined && user === undefined) return { clientId: client }
  throw new Problem('invalid', 'Say whose rate: either --user or --client.')
}

function nameOf(owner: OverrideOwner): string {
  return 'username' in owner ? `the user ${owner.username}` : `the client ${owner.clientId}`
}

function asJson({ throttlingEnabled, throttlingRates }: Config, overrides: Override[]) {
  const scopes = Object.entries(throttlingRates).map(([scope, { text }]) => [scope, text])
  return {
    enabled: throttlingEnabled,
    scopes: Object.fromEntries(scopes),
    overrides: overrides.map(({ scope, rate, user, client }) => ({
      scope,
      rate,
      ...(user !== null && { user: user.username }),
      ...(client !== null && { client: client.clientId, client_name: client.name }),
    })),
  }
}

function describe({ throttlingEnabled, throttlingRates }: Config, overrides: Override[]): string {
  const scopes = (Object.keys(throttleScopes) as ThrottleScope[]).sort()
  const rows = scopes.map((scope) => {
    const { text } = throttlingRates[scope]
    const usual = throttleScopes[scope].rate
    return [scope, text, throttleScopes[scope].description, text === usual ? '' : `(usually ${usual})`]
  })
  const others = overrides.map(({ scope, rate, user, client }) => [
    scope,
    rate,
    user === null ? `client ${client?.clientId} (${client?.name})` : `user ${user.username}`,
  ])
  return [
    ...(throttlingEnabled ? [] : ['Limits are off: THROTTLING_ENABLED is false.', '']),
    table(rows),
    '',
    others.length === 0 ? 'Nobody has a rate of their own.' : table(others),
  ].join('\n')
}

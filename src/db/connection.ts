import pg from 'pg'

/** A URL of the admin's, or where the embedded database listens: a folder that holds its socket. */
export type DatabaseLocation = { url: string } | { host: string; port: number; user: string; database: string }

export interface ConnectionPlan {
  client: pg.ClientConfig
  /** PostgreSQL's schema: what names in SQL refer to. */
  schema: string
  kind: 'embedded' | 'postgres' | 'pgbouncer'
  /** Connections in the pool, where the URL says so. */
  max: number | undefined
}

/** Prisma's, or ours; node-postgres would take some of them for something else. */
const ownParameters = ['schema', 'pgbouncer', 'connection_limit', 'pool_timeout', 'connect_timeout', 'socket_timeout']

const waitForConnectionMs = 5_000
/** On the embedded database requests wait for each other more than for the network. */
const waitForEmbeddedMs = 15_000

export const timeouts = {
  statement_timeout: 10_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 15_000,
}

export function planConnection(location: DatabaseLocation): ConnectionPlan {
  if (!('url' in location)) {
    const client = { ...location, connectionTimeoutMillis: waitForEmbeddedMs }
    return { client, schema: 'public', kind: 'embedded', max: 1 }
  }
  const [base = '', query] = location.url.split('?', 2)
  const parameters = new URLSearchParams(query)
  const seconds = parameters.get('pool_timeout') ?? parameters.get('connect_timeout')
  const plan: ConnectionPlan = {
    client: { connectionTimeoutMillis: positive(seconds, 'pool_timeout') * 1000 || waitForConnectionMs },
    schema: parameters.get('schema') || 'public',
    kind: parameters.get('pgbouncer') === 'true' ? 'pgbouncer' : 'postgres',
    max: positive(parameters.get('connection_limit'), 'connection_limit') || undefined,
  }
  for (const name of ownParameters) parameters.delete(name)
  plan.client = {
    application_name: 'baleen',
    keepAlive: true,
    ...plan.client,
    connectionString: parameters.size > 0 ? `${base}?${parameters}` : base,
  }
  if (plan.kind === 'pgbouncer' && plan.schema !== 'public') {
    throw new Error('DATABASE_URL: pgbouncer=true and schema= do not work together; set the search_path of the user.')
  }
  return plan
}

function positive(value: string | null, name: string): number {
  const number = Number(value ?? 0)
  if (Number.isInteger(number) && number >= 0) return number
  throw new Error(`DATABASE_URL: ${name} must be a whole number.`)
}

/**
 * What a new connection is told first. The time zone because adapter-pg writes and reads times without an offset.
 * PgBouncer keeps only the time zone with its client; the timeouts are then the server's affair.
 */
export function sessionSettings(plan: ConnectionPlan): string {
  if (plan.kind === 'pgbouncer') return "SET TimeZone = 'UTC'"
  const settings = Object.entries(timeouts).map(([name, milliseconds]) => `SET ${name} = ${milliseconds}`)
  return [`SET TimeZone = 'UTC'`, `SET search_path = ${pg.escapeIdentifier(plan.schema)}`, ...settings].join('; ')
}

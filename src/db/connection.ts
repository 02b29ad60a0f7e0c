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
  /** SQL that a new connection of the pool is told first. */
  settings: string
}

/** Parameters that Prisma knows and node-postgres does not. */
const ownParameters = ['schema', 'pgbouncer', 'connection_limit', 'pool_timeout', 'connect_timeout', 'socket_timeout']

const waitForConnectionMs = 5_000
/** On the embedded database requests wait for each other more than for the network. */
const waitForEmbeddedMs = 15_000

/** For a server that says nothing at all; callers wait for no longer than ten seconds (S84). */
export const giveUpAfterMs = 9_500

export const timeouts = {
  statement_timeout: 9_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 15_000,
}

/**
 * Where the admin has said nothing: short statements of many requests at a time, for which compiling one, or several
 * processes for one, cost more than they give; on disks that read anywhere as fast as in a row.
 */
const ofShortStatements = `SELECT set_config(name, wanted, false)
  FROM (VALUES ('jit', 'off'), ('max_parallel_workers_per_gather', '0'), ('random_page_cost', '1.1')) usual (name, wanted)
  WHERE (SELECT source FROM pg_settings WHERE pg_settings.name = usual.name) = 'default'`

export function planConnection(location: DatabaseLocation): ConnectionPlan {
  return 'url' in location ? planForUrl(location.url) : planForEmbedded(location)
}

function planForEmbedded(location: Exclude<DatabaseLocation, { url: string }>): ConnectionPlan {
  const client = { ...location, connectionTimeoutMillis: waitForEmbeddedMs }
  const settings = sessionSettings('public', new URLSearchParams())
  return { client, schema: 'public', kind: 'embedded', max: 1, settings }
}

function planForUrl(url: string): ConnectionPlan {
  const [base = '', query] = url.split('?', 2)
  const parameters = new URLSearchParams(query)
  const schema = parameters.get('schema') || 'public'
  const kind = parameters.get('pgbouncer') === 'true' ? 'pgbouncer' : 'postgres'
  if (kind === 'pgbouncer' && schema !== 'public') {
    throw new Error('DATABASE_URL: pgbouncer=true and schema= do not work together; set the search_path of the user.')
  }
  const seconds = wholeNumber(parameters, 'pool_timeout') ?? wholeNumber(parameters, 'connect_timeout')
  const max = wholeNumber(parameters, 'connection_limit')
  for (const name of ownParameters) parameters.delete(name)
  const client = {
    connectionString: parameters.size > 0 ? `${base}?${parameters}` : base,
    connectionTimeoutMillis: seconds === undefined ? waitForConnectionMs : seconds * 1000,
    application_name: 'baleen',
    keepAlive: true,
  }
  // PgBouncer keeps only the time zone with its client; the rest is then for the server's configuration.
  const settings = kind === 'pgbouncer' ? utc : sessionSettings(schema, parameters)
  return { client, schema, kind, max, settings }
}

/** Absent and 0 mean that the default counts. */
function wholeNumber(parameters: URLSearchParams, name: string): number | undefined {
  const number = Number(parameters.get(name) ?? 0)
  if (!Number.isInteger(number) || number < 0) throw new Error(`DATABASE_URL: ${name} must be a whole number.`)
  return number || undefined
}

/** adapter-pg writes and reads times without an offset. */
const utc = `SET TimeZone = 'UTC'`

function sessionSettings(schema: string, ofUrl: URLSearchParams): string {
  const own = Object.entries(timeouts).filter(([name]) => !ofUrl.has(name))
  const assignments = own.map(([name, milliseconds]) => `SET ${name} = ${milliseconds}`)
  return [utc, `SET search_path = ${pg.escapeIdentifier(schema)}`, ...assignments, ofShortStatements].join('; ')
}

import type pg from 'pg'
import type { Config } from '../../config.ts'
import { readMigrationState, withBareClient } from '../../db/migration-state.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databaseDirectUrl' | 'dataDir'>

const slowMs = 50
const dayMs = 24 * 60 * 60 * 1000

/** All about the database, or that it cannot be reached. */
export async function checkDatabase(config: DatabaseConfig): Promise<Finding[]> {
  try {
    return await withBareClient(config, async (client) => [
      await checkServer(client, config),
      ...(await checkWrites(client)),
      await checkClock(client),
      ...(await checkSchema(client)),
    ])
  } catch (error) {
    const first = error instanceof AggregateError ? error.errors[0] : error
    const fix =
      config.databaseUrl === undefined
        ? 'See that DATA_DIR belongs to this user and that its disk has room.'
        : 'See that the server runs, and that user, password, host and database in DATABASE_URL are right.'
    return [problem('database', `it cannot be used: ${first instanceof Error ? first.message : first}`, fix)]
  }
}

async function checkServer(client: pg.Client, { databaseUrl }: DatabaseConfig): Promise<Finding> {
  const { rows } = await client.query(`SELECT current_setting('server_version') AS version`)
  const since = performance.now()
  await client.query('SELECT 1')
  const ms = Math.round(performance.now() - since)
  const says = `${databaseUrl === undefined ? 'embedded ' : ''}PostgreSQL ${rows[0].version}, answers in ${ms} ms`
  if (ms < slowMs) return ok('database', says)
  return warning('database', says, 'Every request asks several times: move the database nearer.')
}

async function checkWrites(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query(
    `SELECT pg_is_in_recovery() AS replica, current_setting('transaction_read_only') = 'on' AS locked,
            pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = current_database()`,
  )
  const { replica, locked, encoding } = rows[0]
  const findings: Finding[] = []
  if (replica) findings.push(problem('writing', 'the database is a replica', 'Lead DATABASE_URL to the primary.'))
  else if (locked) {
    findings.push(problem('writing', 'the database refuses writes', 'Set default_transaction_read_only to off for it.'))
  }
  if (encoding !== 'UTF8') {
    findings.push(
      problem('encoding', `the database is in ${encoding}`, 'Make one with ENCODING UTF8 and restore a backup.'),
    )
  }
  return findings
}

async function checkClock(client: pg.Client): Promise<Finding> {
  const before = Date.now()
  const { rows } = await client.query('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now')
  return judgeClock('the database', rows[0].now - (before + Date.now()) / 2)
}

/** @param aheadMs of the other clock */
export function judgeClock(whose: string, aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  if (seconds < 5) return ok('clock', `agrees with that of ${whose}`)
  const says = `that of ${whose} is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`
  return warning('clock', says, 'Keep both machines on time with NTP: tokens and codes expire by these clocks.')
}

async function checkSchema(client: pg.Client): Promise<Finding[]> {
  const { missing, unknown } = await readMigrationState(client)
  if (unknown.length > 0) {
    const fix = 'Run the release that was here last, or a later one.'
    return [problem('migrations', 'the database is of a newer release', fix)]
  }
  if (missing.length > 0) {
    return [warning('migrations', `${missing.length} are missing`, 'Start the pod, or run: npm run pod -- migrate')]
  }
  return [ok('migrations', 'all applied'), ...(await checkWork(client))]
}

/** What is done in the background. */
async function checkWork(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query(
    `SELECT (SELECT count(*)::int FROM mails WHERE failed_at IS NOT NULL) AS given_up,
            (SELECT count(*)::int FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND attempts > 2) AS stuck,
            (SELECT count(*)::int FROM jobs WHERE failed_at IS NOT NULL) AS failed_jobs,
            (SELECT max(finished_at) FROM maintenance_tasks) AS cleaned_at,
            (SELECT min(created_at) FROM users) AS began_at`,
  )
  const { given_up, stuck, failed_jobs, cleaned_at, began_at } = rows[0]
  const findings: Finding[] = []
  if (stuck > 0)
    findings.push(warning('mail queue', `${stuck} mails cannot be sent`, 'See the mail check, and the log.'))
  if (given_up > 0)
    findings.push(warning('mail queue', `${given_up} mails of the last month were given up`, 'See the log.'))
  if (failed_jobs > 0) findings.push(warning('jobs', `${failed_jobs} were given up`, 'See the log.'))
  const latest: Date | null = cleaned_at ?? began_at
  if (latest !== null && Date.now() - latest.getTime() > 2 * dayMs) {
    findings.push(
      warning('cleaning', 'nothing was cleared away for two days', 'Start the pod, which does so by itself.'),
    )
  }
  return findings
}

import { Gauge, type Registry } from 'prom-client'
import type { DatabaseClient, PoolFigures } from '../db/database.ts'
import type { Metrics } from './metrics.ts'

/** Nobody waits longer for metrics when the database is in trouble, which is when they matter. */
const answerWithinMs = 2_000

interface Figures {
  mailsWaiting: number
  mailsFailed: number
  oldestMailSeconds: number
  jobsWaiting: number
  jobsFailed: number
  oldestJobSeconds: number
  maintenanceAgeSeconds: number
}

const described: Record<keyof Figures, [name: string, help: string]> = {
  mailsWaiting: ['mails_waiting', 'Mails that have to go out'],
  mailsFailed: ['mails_failed', 'Mails of the last month that were given up'],
  oldestMailSeconds: ['mails_oldest_seconds', 'For how long the oldest mail has waited'],
  jobsWaiting: ['jobs_waiting', 'Jobs that are to be done or under way'],
  jobsFailed: ['jobs_failed', 'Jobs that were given up'],
  oldestJobSeconds: ['jobs_oldest_seconds', 'For how long the oldest job has waited'],
  maintenanceAgeSeconds: ['maintenance_age_seconds', 'Since expired data was last cleared away'],
}

/** Figures that are looked up when somebody reads the metrics, all in one query. */
export function addFigures({ registry }: Metrics, db: DatabaseClient): void {
  let latest: Promise<Figures | undefined> | undefined
  const look = () => {
    // All gauges are asked in the same breath.
    latest ??= Promise.race([readFigures(db).catch(() => undefined), late()]).finally(() => {
      latest = undefined
    })
    return latest
  }
  const addGauge = (name: string, help: string, read: (figures: Figures | undefined) => number) => {
    new Gauge({
      name: `baleen_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(read(await look()))
      },
    })
  }
  addPoolFigures(registry, db.pool)
  addGauge('database_up', 'Whether the database answers', (figures) => (figures === undefined ? 0 : 1))
  for (const [figure, [name, help]] of Object.entries(described)) {
    addGauge(name, help, (figures) => figures?.[figure as keyof Figures] ?? Number.NaN)
  }
}

function addPoolFigures(registry: Registry, pool: PoolFigures): void {
  new Gauge({
    name: 'baleen_database_connections',
    help: 'Connections of the pool, and requests that wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'idle' }, pool.idleCount)
      this.set({ state: 'awaited' }, pool.waitingCount)
    },
  })
}

async function readFigures(db: DatabaseClient): Promise<Figures | undefined> {
  const now = new Date()
  const [row] = await db.$queryRaw<Figures[]>`
    SELECT m.waiting AS "mailsWaiting", m.failed AS "mailsFailed", m.oldest AS "oldestMailSeconds",
      j.waiting AS "jobsWaiting", j.failed AS "jobsFailed", j.oldest AS "oldestJobSeconds",
      t.age AS "maintenanceAgeSeconds"
    FROM (
      SELECT count(*) FILTER (WHERE failed_at IS NULL)::int AS waiting,
        count(*) FILTER (WHERE failed_at IS NOT NULL)::int AS failed,
        coalesce(extract(epoch FROM ${now}::timestamptz - min(created_at) FILTER (WHERE failed_at IS NULL)), 0)::float8 AS oldest
      FROM mails WHERE sent_at IS NULL
    ) m, (
      SELECT count(*) FILTER (WHERE failed_at IS NULL)::int AS waiting,
        count(*) FILTER (WHERE failed_at IS NOT NULL)::int AS failed,
        coalesce(extract(epoch FROM ${now}::timestamptz - min(created_at) FILTER (WHERE failed_at IS NULL)), 0)::float8 AS oldest
      FROM jobs
    ) j, (
      SELECT coalesce(extract(epoch FROM ${now}::timestamptz - max(finished_at)), 0)::float8 AS age FROM maintenance_tasks
    ) t`
  return row
}

function late(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), answerWithinMs).unref()
  })
}

import { Gauge } from 'prom-client'
import type { Database } from '../db/database.ts'
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

/** Figures that are looked up when somebody reads the metrics, in one query. */
export function addFigures({ registry }: Metrics, db: Database): void {
  const registers = [registry]
  const gauge = (name: string, help: string) => new Gauge({ name: `baleen_${name}`, help, registers })
  const gauges: Record<keyof Figures, Gauge> = {
    mailsWaiting: gauge('mails_waiting', 'Mails that have to go out'),
    mailsFailed: gauge('mails_failed', 'Mails of the last month that were given up'),
    oldestMailSeconds: gauge('mails_oldest_seconds', 'For how long the oldest mail has waited'),
    jobsWaiting: gauge('jobs_waiting', 'Jobs that are to be done or under way'),
    jobsFailed: gauge('jobs_failed', 'Jobs that were given up'),
    oldestJobSeconds: gauge('jobs_oldest_seconds', 'For how long the oldest job has waited'),
    maintenanceAgeSeconds: gauge('maintenance_age_seconds', 'Since expired data was last cleared away'),
  }
  new Gauge({
    name: 'baleen_database_up',
    help: 'Whether the database answers',
    registers,
    async collect() {
      const figures = await Promise.race([readFigures(db).catch(() => undefined), late()])
      this.set(figures === undefined ? 0 : 1)
      for (const [name, one] of Object.entries(gauges)) one.set(figures?.[name as keyof Figures] ?? Number.NaN)
    },
  })
}

async function readFigures(db: Database): Promise<Figures | undefined> {
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

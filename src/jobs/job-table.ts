import type { Database } from '../db/database.ts'
import type { Job } from '../db/generated/client.ts'
import { deleteAll } from '../maintenance/batches.ts'
import { dayMs, type Round } from '../maintenance/maintenance.ts'

/** What was taken and not held on to for so long is free again: whoever took it is gone. */
export const leaseMs = 30_000

/** @param payloads one for each job; no secrets */
export async function insertJobs(db: Database, task: string, payloads: readonly object[]): Promise<void> {
  const now = new Date()
  await db.job.createMany({ data: payloads.map((payload) => ({ task, payload, createdAt: now, dueAt: now })) })
}

/** Takes a job that is due, so that nobody else does; undefined = there is none. One statement. */
export async function claimJob(db: Database, tasks: readonly string[], now: Date): Promise<Job | undefined> {
  const [claimed] = await db.$queryRaw<Job[]>`
    UPDATE jobs SET attempts = attempts + 1, due_at = ${new Date(now.getTime() + leaseMs)}
    WHERE id = (
      SELECT id FROM jobs WHERE failed_at IS NULL AND due_at <= ${now} AND task = ANY(${[...tasks]})
      ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, task, payload, attempts, created_at AS "createdAt", due_at AS "dueAt",
      failed_at AS "failedAt", last_error AS "lastError"`
  return claimed
}

/** Only for who holds the job. */
const held = ({ id, attempts }: Job) => ({ id, attempts })

/** @returns whether the job is still held */
export async function extendLease(db: Database, job: Job): Promise<boolean> {
  const { count } = await db.job.updateMany({
    where: held(job),
    data: { dueAt: new Date(Date.now() + leaseMs) },
  })
  return count === 1
}

export async function finishJob(db: Database, job: Job): Promise<void> {
  await db.job.deleteMany({ where: held(job) })
}

/** Puts a job back that could not be done. */
export async function postponeJob(db: Database, job: Job, { error, byMs }: { error: string; byMs: number }) {
  await db.job.updateMany({
    where: held(job),
    data: { dueAt: new Date(Date.now() + byMs), lastError: error.slice(0, 500) },
  })
}

/** Puts a job back that was interrupted, as if nobody had taken it. */
export async function returnJob(db: Database, job: Job): Promise<void> {
  await db.job.updateMany({ where: held(job), data: { dueAt: new Date(), attempts: { decrement: 1 } } })
}

/** Keeps a job that is given up, for an admin to see. */
export async function failJob(db: Database, job: Job): Promise<void> {
  await db.job.updateMany({ where: held(job), data: { failedAt: new Date() } })
}

/** Forgets after a month what was given up. */
export function forgetFailedJobs(db: Database, round: Round): Promise<number> {
  const where = { failedAt: { lt: new Date(round.now.getTime() - 30 * dayMs) } }
  return deleteAll(round, (limit) => db.job.deleteMany({ where, limit }))
}

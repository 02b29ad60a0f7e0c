import type { FastifyBaseLogger } from 'fastify'
import type { Database, DatabaseClient } from '../db/database.ts'
import type { Job } from '../db/generated/client.ts'
import { type Repeating, repeat } from '../lib/repeating.ts'
import { claimJob, extendLease, failJob, finishJob, insertJobs, leaseMs, postponeJob, returnJob } from './job-table.ts'

/** Every kind of work there is, and what it is told. */
export interface Tasks {
  'import-upload': { uploadId: number }
}

export type TaskName = keyof Tasks

/** Does one kind of work. It may be done more than once: a pod may die between doing it and saying so. */
export interface JobHandler<Payload> {
  run(payload: Payload, signal: AbortSignal): Promise<void>
  /** Was tried `mostAttempts` times, or killed the pod as often; this is the end of it. */
  giveUp?(payload: Payload, lastError: string | null): Promise<void>
}

export type JobHandlers = { [Task in TaskName]?: JobHandler<Tasks[Task]> }

export type JobLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>

/** Work in the background, kept in the database. Several pods share it; each job is in one pair of hands at a time. */
export interface JobQueue {
  /** Adds jobs in `db`: they are done if what they belong to is committed. */
  add<Task extends TaskName>(db: Database, task: Task, payloads: readonly Tasks[Task][]): Promise<void>
  /** Does what is due, and goes on doing so. */
  start(handlers: JobHandlers, log: JobLog): void
  /** Waits for what is under way; what takes too long is interrupted and done again later. */
  stop(): Promise<void>
}

const lookEveryMs = 2_000
/** At the end, for the jobs that are running. */
const finishWithinMs = 5_000

export const mostAttempts = 5

/** @param lanes jobs that run at the same time in this process */
export function createJobQueue(db: DatabaseClient, { lanes = 2 }: { lanes?: number } = {}): JobQueue {
  const ending = new AbortController()
  let isEnding = false
  let loops: Repeating[] = []
  return {
    add: async (within, task, payloads) => {
      await insertJobs(within, task, payloads)
      for (const loop of loops) loop.wake()
    },
    start: (handlers, log) => {
      const work: Work = { db, handlers, log, signal: ending.signal }
      const complain = (err: unknown) => log.error({ err }, 'The job queue cannot be read')
      const lane = async () => {
        await runDueJobs(work, () => !isEnding).catch(complain)
      }
      loops = Array.from({ length: lanes }, () => repeat(lane, lookEveryMs))
    },
    stop: async () => {
      isEnding = true
      const overdue = setTimeout(() => ending.abort(), finishWithinMs)
      await Promise.all(loops.map((loop) => loop.stop()))
      clearTimeout(overdue)
    },
  }
}

interface Work {
  db: DatabaseClient
  handlers: JobHandlers
  log: JobLog
  /** Jobs are to be interrupted. */
  signal: AbortSignal
}

/**
 * Does the jobs that are due, one after the other.
 * @param goOn asked before each
 * @returns how many were taken
 */
export async function runDueJobs(work: Work, goOn: () => boolean = () => true): Promise<number> {
  const tasks = Object.keys(work.handlers)
  for (let taken = 0; ; taken += 1) {
    const job = goOn() ? await claimJob(work.db, tasks, new Date()) : undefined
    if (job === undefined) return taken
    await runHeld(work, job)
  }
}

/** Runs a job and holds on to it meanwhile. */
async function runHeld(work: Work, job: Job): Promise<void> {
  const lost = new AbortController()
  const hold = () =>
    extendLease(work.db, job).then(
      (isHeld) => isHeld || lost.abort(),
      () => undefined,
    )
  const holding = setInterval(hold, leaseMs / 3).unref()
  try {
    await attempt(work, job, AbortSignal.any([work.signal, lost.signal]))
  } finally {
    clearInterval(holding)
  }
}

async function attempt(work: Work, job: Job, signal: AbortSignal): Promise<void> {
  const handler = work.handlers[job.task as TaskName] as JobHandler<unknown>
  try {
    if (job.attempts > mostAttempts) return await giveUp(work, job, handler)
    await handler.run(job.payload, signal)
    await finishJob(work.db, job)
  } catch (error) {
    if (signal.aborted) return returnJob(work.db, job)
    work.log.warn({ ...about(job), err: error }, 'A job failed; it will be tried again')
    await postponeJob(work.db, job, { error: String(error), byMs: backOffMs(job.attempts) })
  }
}

/** 2 seconds, then four times as long each time; what cannot even be given up comes back every hour. */
function backOffMs(attempts: number): number {
  if (attempts === mostAttempts) return 0
  return attempts < mostAttempts ? 2_000 * 4 ** (attempts - 1) : 3_600_000
}

async function giveUp(work: Work, job: Job, handler: JobHandler<unknown>): Promise<void> {
  await handler.giveUp?.(job.payload, job.lastError)
  await failJob(work.db, job)
  work.log.error({ ...about(job), lastError: job.lastError }, 'A job is given up')
}

function about({ id, task, payload, attempts }: Job): object {
  return { job: String(id), task, payload, attempts }
}

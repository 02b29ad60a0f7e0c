import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'
import { type Repeating, repeat } from '../lib/repeating.ts'

/** Work that is done now and then, by one pod of all that share a database. */
export interface Task {
  /** Lasting: the database knows it by this. */
  name: string
  everyMs: number
  /** @returns how many things were done, for the log */
  run(round: Round): Promise<number>
}

export interface Round {
  now: Date
  /** Asked between batches: false = the pod is closing. */
  goOn(): boolean
}

export interface Maintenance {
  readonly tasks: readonly Task[]
  /** Does what is due, and goes on doing so. */
  start(log: MaintenanceLog): void
  /** Waits for the batch that is under way. */
  stop(): Promise<void>
}

type MaintenanceLog = Pick<FastifyBaseLogger, 'info' | 'error'>

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

const lookEveryMs = minuteMs
/** A clock that was wrong for some hours deletes nothing that lives. */
const keptAfterExpiryMs = dayMs
/** After a failure. */
const tryAgainMs = 10 * minuteMs

export function createMaintenance(db: Database, tasks: readonly Task[]): Maintenance {
  let isEnding = false
  let loop: Repeating | undefined
  const goOn = () => !isEnding
  return {
    tasks,
    start: (log) => {
      const complain = (err: unknown) => log.error({ err }, 'It cannot be found out what maintenance is due')
      loop = repeat(() => runDue(db, tasks, { log, goOn }).catch(complain), lookEveryMs)
    },
    stop: async () => {
      isEnding = true
      await loop?.stop()
    },
  }
}

/** What expired before this is forgotten. */
export function longExpired({ now }: Pick<Round, 'now'>): Date {
  return new Date(now.getTime() - keptAfterExpiryMs)
}

/** Runs those tasks that are due and that no other pod has taken, one after the other. */
export async function runDue(
  db: Database,
  tasks: readonly Task[],
  { log, goOn }: { log: MaintenanceLog; goOn: () => boolean },
): Promise<void> {
  for (const task of await dueOf(db, tasks)) {
    const now = new Date()
    if (!goOn()) return
    if (!(await claim(db, task, now))) continue
    try {
      const done = await task.run({ now, goOn })
      await db.maintenanceTask.updateMany({ where: { name: task.name }, data: { finishedAt: new Date() } })
      if (done > 0) log.info({ task: task.name, done }, 'Maintenance')
    } catch (err) {
      log.error({ err, task: task.name }, 'Maintenance failed; it will be tried again')
      await postpone(db, task, now)
    }
  }
}

/** In one query for all, as mostly none is due. */
async function dueOf(db: Database, tasks: readonly Task[]): Promise<Task[]> {
  const now = Date.now()
  const rows = await db.maintenanceTask.findMany({ select: { name: true, dueAt: true } })
  const dueAt = new Map(rows.map((row) => [row.name, row.dueAt.getTime()]))
  return tasks.filter((task) => isDue(dueAt.get(task.name), task, now))
}

/** Also what is due later than it could be: the clock was wrong once. */
function isDue(dueAt: number | undefined, { everyMs }: Task, now: number): boolean {
  return dueAt === undefined || dueAt <= now || dueAt > now + everyMs + hourMs
}

/** One statement decides which pod does it. A pod that ends in the middle leaves the rest for the next time. */
async function claim(db: Database, { name, everyMs }: Task, now: Date): Promise<boolean> {
  const next = new Date(now.getTime() + everyMs)
  const count = await db.$executeRaw`
    INSERT INTO maintenance_tasks AS t (name, due_at, started_at) VALUES (${name}, ${next}, ${now})
    ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, started_at = excluded.started_at
    WHERE t.due_at <= ${now} OR t.due_at > ${new Date(next.getTime() + hourMs)}`
  return count === 1
}

async function postpone(db: Database, { name, everyMs }: Task, now: Date): Promise<void> {
  const dueAt = new Date(now.getTime() + Math.min(everyMs, tryAgainMs))
  await db.maintenanceTask.updateMany({ where: { name }, data: { dueAt } }).catch(() => undefined)
}

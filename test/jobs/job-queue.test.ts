import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type DatabaseClient, openDatabase } from '../../src/db/database.ts'
import { createJobQueue, type JobHandler, type JobQueue, mostAttempts, runDueJobs } from '../../src/jobs/job-queue.ts'
import { claimJob, forgetFailedJobs, leaseMs } from '../../src/jobs/job-table.ts'
import { emptyDatabase, testDatabase, testDatabaseLocation } from '../support/database.ts'

type Handler = JobHandler<{ uploadId: number }>

let db: DatabaseClient
let queue: JobQueue
beforeAll(async () => {
  db = await testDatabase()
  queue = createJobQueue(db)
})
beforeEach(() => emptyDatabase(db))
afterEach(() => vi.useRealTimers())

const task = 'import-upload'
const log = { info: () => {}, warn: () => {}, error: () => {} }
const add = (...uploadIds: number[]) =>
  queue.add(
    db,
    task,
    uploadIds.map((uploadId) => ({ uploadId })),
  )
const never = new AbortController().signal

/** Does what is due as one pod would; runs are noted by upload. */
function worker(run: Handler['run'] = async () => {}, giveUp?: Handler['giveUp'], on = db) {
  const done: number[] = []
  const handler: Handler = {
    run: async (payload, signal) => {
      done.push(payload.uploadId)
      await run(payload, signal)
    },
    ...(giveUp && { giveUp }),
  }
  return { done, work: () => runDueJobs({ db: on, handlers: { [task]: handler }, log, signal: never }) }
}

const fail = async () => {
  throw new Error('no luck')
}

function later(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
}

describe('a job', () => {
  test('is done once, in the order of asking, and then forgotten', async () => {
    await add(1, 2, 3)
    const { done, work } = worker()
    expect(await work()).toBe(3)
    expect(await work()).toBe(0)
    expect(done).toEqual([1, 2, 3])
    expect(await db.job.count()).toBe(0)
  })

  test('is done only if what it belongs to is committed', async () => {
    await db
      .$transaction(async (tx) => {
        await queue.add(tx, task, [{ uploadId: 1 }])
        throw new Error('changed my mind')
      })
      .catch(() => undefined)
    expect(await worker().work()).toBe(0)
  })

  test('is done by one of several pods', async () => {
    const others = [1, 2, 3].map(async () => openDatabase(await testDatabaseLocation()))
    const pods = [db, ...(await Promise.all(others))].map((on) => worker(() => sleep(1), undefined, on))
    const all = Array.from({ length: 60 }, (_, index) => index)
    await add(...all)
    await Promise.all(pods.map(({ work }) => work()))
    expect(pods.flatMap(({ done }) => done).sort((a, b) => a - b)).toEqual(all)
    for (const other of await Promise.all(others)) await other.$disconnect()
  })

  test('of a task that this pod does not know is left to others', async () => {
    await db.job.create({ data: { task: 'of-a-newer-release', payload: {}, createdAt: new Date(), dueAt: new Date() } })
    expect(await worker().work()).toBe(0)
    expect(await db.job.count()).toBe(1)
  })
})

describe('a job whose pod was killed', () => {
  test('is taken up again when the lease is over, and not before', async () => {
    await add(7)
    await claimJob(db, [task], new Date())
    const { done, work } = worker()
    expect(await work()).toBe(0)
    later(leaseMs + 1)
    expect(await work()).toBe(1)
    expect(done).toEqual([7])
  })

  test('stays with who took it over: the first can neither finish nor return it', async () => {
    await add(7)
    let second: unknown
    const { work } = worker(async () => {
      later(leaseMs + 1)
      second = await claimJob(db, [task], new Date())
    })
    await work()
    expect(second).toMatchObject({ attempts: 2 })
    expect(await db.job.findFirst()).toMatchObject({ attempts: 2 })
  })

  test(`that kills its pod ${mostAttempts} times is given up`, async () => {
    await add(7)
    for (let i = 0; i < mostAttempts; i += 1) {
      await claimJob(db, [task], new Date())
      later(leaseMs + 1)
    }
    const given: unknown[] = []
    const { done, work } = worker(undefined, async (payload) => void given.push(payload))
    await work()
    expect(done).toEqual([])
    expect(given).toEqual([{ uploadId: 7 }])
    expect(await db.job.findFirst()).toMatchObject({ failedAt: expect.any(Date) })
  })
})

describe('a job that fails', () => {
  test('waits longer each time and is given up in the end', async () => {
    await add(7)
    let givenUp: string | null | undefined
    const { done, work } = worker(fail, async (_payload, lastError) => {
      givenUp = lastError
    })
    const waits: number[] = []
    for (let i = 0; i < mostAttempts; i += 1) {
      await work()
      const job = await db.job.findFirstOrThrow()
      waits.push(job.dueAt.getTime() - Date.now())
      later(Math.max(0, job.dueAt.getTime() - Date.now()))
    }
    await work()
    expect(done).toHaveLength(mostAttempts)
    for (const [index, wait] of [2_000, 8_000, 32_000, 128_000].entries()) {
      expect(waits[index]).toBeGreaterThan(wait - 1_500)
      expect(waits[index]).toBeLessThanOrEqual(wait)
    }
    expect(givenUp).toBe('Error: no luck')
    expect(await work()).toBe(0)
  })

  test('lets the others go on', async () => {
    await add(1, 2)
    const { done, work } = worker(async ({ uploadId }) => {
      if (uploadId === 1) await fail()
    })
    await work()
    expect(done).toEqual([1, 2])
    expect(await db.job.count()).toBe(1)
  })

  test('is kept for a month after it was given up', async () => {
    const round = { now: new Date(), goOn: () => true }
    const failed = (days: number) => ({
      task,
      payload: {},
      createdAt: new Date(),
      dueAt: new Date(),
      failedAt: new Date(round.now.getTime() - days * 86_400_000),
    })
    await db.job.createMany({ data: [failed(29), failed(31)] })
    expect(await forgetFailedJobs(db, round)).toBe(1)
    expect(await db.job.count()).toBe(1)
  })
})

describe('a pod', () => {
  test('does what is added while it runs, no more at a time than it has lanes', async () => {
    const own = createJobQueue(db, { lanes: 2 })
    let [running, most, done] = [0, 0, 0]
    const run = async () => {
      running += 1
      most = Math.max(most, running)
      await sleep(20)
      running -= 1
      done += 1
    }
    own.start({ [task]: { run } }, log)
    await own.add(
      db,
      task,
      Array.from({ length: 8 }, (_, uploadId) => ({ uploadId })),
    )
    await vi.waitFor(() => expect(done).toBe(8), 10_000)
    await own.stop()
    expect(most).toBe(2)
  })

  test('that closes waits for what is under way and takes nothing more', async () => {
    const own = createJobQueue(db, { lanes: 1 })
    const done: number[] = []
    let begun = () => {}
    const beginning = new Promise<void>((resolve) => {
      begun = resolve
    })
    const run: Handler['run'] = async ({ uploadId }) => {
      begun()
      await sleep(100)
      done.push(uploadId)
    }
    await add(1, 2)
    own.start({ [task]: { run } }, log)
    await beginning
    await own.stop()
    expect(done).toEqual([1])
    expect(await db.job.findMany()).toMatchObject([{ attempts: 0 }])
  })

  test('interrupts what takes too long, and it counts as never begun', async () => {
    await add(1)
    const closing = new AbortController()
    const run: Handler['run'] = async (_payload, signal) => {
      closing.abort()
      signal.throwIfAborted()
    }
    await runDueJobs({ db, handlers: { [task]: { run } }, log, signal: closing.signal }, () => !closing.signal.aborted)
    expect(await db.job.findFirst()).toMatchObject({ attempts: 0, lastError: null })
  })
})

import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createMaintenance, minuteMs, runDue, type Task } from '../../src/maintenance/maintenance.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'

const db = await testDatabase()
const goOn = () => true

beforeEach(async () => {
  await emptyDatabase(db)
  vi.useFakeTimers({ toFake: ['Date'] })
  return () => vi.useRealTimers()
})

function aTask(run: Task['run'] = async () => 1) {
  return { name: 'tidy', everyMs: 60 * minuteMs, run: vi.fn(run) }
}

function aSignal(): [Promise<void>, () => void] {
  let give = () => {}
  return [new Promise<void>((resolve) => (give = resolve)), () => give()]
}

function aLog() {
  return { info: vi.fn(), error: vi.fn() }
}

test('of several pods that look at the same time one does the work', async () => {
  const pods = Array.from({ length: 8 }, () => aTask())
  await Promise.all(pods.map((task) => runDue(db, [task], { log: aLog(), goOn })))
  expect(pods.flatMap(({ run }) => run.mock.calls)).toHaveLength(1)
})

test('work is done again when its time has come, and not before', async () => {
  const task = aTask()
  const look = () => runDue(db, [task], { log: aLog(), goOn })
  await look()
  vi.setSystemTime(Date.now() + 59 * minuteMs)
  await look()
  expect(task.run).toHaveBeenCalledTimes(1)
  vi.setSystemTime(Date.now() + 2 * minuteMs)
  await look()
  expect(task.run).toHaveBeenCalledTimes(2)
  expect(await db.maintenanceTask.findFirst()).toMatchObject({ name: 'tidy', finishedAt: new Date() })
})

test('what fails is told, tried again in ten minutes, and keeps nothing else from being done', async () => {
  const failing = aTask(async () => Promise.reject(new Error('no')))
  const other = { ...aTask(), name: 'other' }
  const log = aLog()
  const look = () => runDue(db, [failing, other], { log, goOn })
  await look()
  expect(log.error).toHaveBeenCalledTimes(1)
  expect(other.run).toHaveBeenCalledTimes(1)
  vi.setSystemTime(Date.now() + 11 * minuteMs)
  await look()
  expect(failing.run).toHaveBeenCalledTimes(2)
  expect(other.run).toHaveBeenCalledTimes(1)
})

test('a clock that was far ahead once does not put work off for ever (S90)', async () => {
  const task = aTask()
  const today = Date.now()
  vi.setSystemTime(today + 365 * 24 * 60 * minuteMs)
  await runDue(db, [task], { log: aLog(), goOn })
  vi.setSystemTime(today)
  await runDue(db, [task], { log: aLog(), goOn })
  expect(task.run).toHaveBeenCalledTimes(2)
})

describe('a pod that closes', () => {
  test('waits for the batch under way and begins no other task', async () => {
    const [begun, begin] = aSignal()
    const [work, finish] = aSignal()
    let wentOn: boolean | undefined
    const first = aTask(async (round) => {
      begin()
      await work
      wentOn = round.goOn()
      return 1
    })
    const second = { ...aTask(), name: 'second' }
    const maintenance = createMaintenance(db, [first, second])
    maintenance.start(aLog())
    await begun
    const stopped = maintenance.stop()
    finish()
    await stopped
    expect(wentOn).toBe(false)
    expect(second.run).not.toHaveBeenCalled()
  })
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { delayed } from '../../src/lib/delayed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('work is done once for all who ask before it is due, and again for who asks later', async () => {
  const work = vi.fn(async () => {})
  const { schedule } = delayed(work, 1_000)
  schedule()
  await vi.advanceTimersByTimeAsync(999)
  schedule()
  expect(work).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(work).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(work).toHaveBeenCalledTimes(1)
  schedule()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(work).toHaveBeenCalledTimes(2)
})

test('work that is done at once is not done again when it would have been due', async () => {
  const work = vi.fn(async () => {})
  const { schedule, run } = delayed(work, 1_000)
  schedule()
  await run()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(work).toHaveBeenCalledTimes(1)
})

test('work may schedule itself again', async () => {
  const work = vi.fn(async () => repeating.schedule())
  const repeating = delayed(work, 1_000)
  repeating.schedule()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(work).toHaveBeenCalledTimes(3)
})

test('who does it at once waits for what is under way, which does not go on beside it', async () => {
  const log: string[] = []
  const { schedule, run } = delayed(async () => {
    log.push('begun')
    await new Promise((resolve) => setTimeout(resolve, 500))
    log.push('ended')
  }, 1_000)
  schedule()
  await vi.advanceTimersByTimeAsync(1_000)
  void run().then(() => log.push('waited'))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(log).toEqual(['begun', 'ended', 'begun', 'ended', 'waited'])
})

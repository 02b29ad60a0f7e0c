import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { delayed } from '../../src/lib/delayed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('work is done once for all who ask before it is due, and again for who asks later', () => {
  const work = vi.fn(async () => {})
  const { schedule } = delayed(work, 1_000)
  schedule()
  vi.advanceTimersByTime(999)
  schedule()
  expect(work).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(work).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(10_000)
  expect(work).toHaveBeenCalledTimes(1)
  schedule()
  vi.advanceTimersByTime(1_000)
  expect(work).toHaveBeenCalledTimes(2)
})

test('work that is done at once is not done again when it would have been due', async () => {
  const work = vi.fn(async () => {})
  const { schedule, run } = delayed(work, 1_000)
  schedule()
  await run()
  vi.advanceTimersByTime(10_000)
  expect(work).toHaveBeenCalledTimes(1)
})

test('work may schedule itself again', () => {
  const work = vi.fn(async () => repeating.schedule())
  const repeating = delayed(work, 1_000)
  repeating.schedule()
  vi.advanceTimersByTime(3_000)
  expect(work).toHaveBeenCalledTimes(3)
})

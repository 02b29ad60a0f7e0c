import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SlidingLogs, type SlidingLogsOptions } from '../../../src/access/rate-limits/sliding-logs.ts'
import type { Rate } from '../../../src/throttling.ts'

/** Logs whose clock stands until it is moved. */
function logsAt(startMs: number, options: SlidingLogsOptions = {}) {
  const clock = { nowMs: startMs }
  return { clock, logs: new SlidingLogs({ clock: () => clock.nowMs, ...options }) }
}

/** The log as a list of times, the way it is described. */
class NaiveLog {
  times: number[] = []

  consume(now: number, { limit, windowSeconds }: Rate) {
    this.times = this.times.filter((time) => now - time < windowSeconds * 1000)
    const isRefused = this.times.length >= limit
    if (!isRefused) this.times.push(now)
    return { isRefused, ...this.standing(now, { limit, windowSeconds }) }
  }

  standing(now: number, { limit, windowSeconds }: Rate) {
    const remaining = limit - this.times.length
    const left = (time: number | undefined) => (time === undefined ? 0 : time + windowSeconds * 1000 - now)
    return { remaining, nextMs: left(this.times[0]), resetMs: left(this.times.at(-1)) }
  }
}

const rate = (limit: number, windowSeconds: number): Rate => ({ limit, windowSeconds })

describe('a sliding log', () => {
  test('lets exactly as many pass as the limit says, and each costs one', () => {
    const { logs } = logsAt(0)
    const remaining = Array.from({ length: 30 }, () => logs.consume('k', rate(30, 3600)))
    expect(remaining.map((usage) => usage.remaining)).toEqual(Array.from({ length: 30 }, (_, index) => 29 - index))
    expect(remaining.every((usage) => !usage.isRefused)).toBe(true)
    expect(logs.consume('k', rate(30, 3600))).toEqual({
      isRefused: true,
      remaining: 0,
      nextMs: 3_600_000,
      resetMs: 3_600_000,
    })
  })

  test('a refused request costs nothing', () => {
    const { clock, logs } = logsAt(0)
    logs.consume('k', rate(1, 60))
    clock.nowMs = 59_999
    expect(logs.consume('k', rate(1, 60))).toMatchObject({ isRefused: true, nextMs: 1, resetMs: 1 })
    clock.nowMs = 60_000
    expect(logs.consume('k', rate(1, 60))).toMatchObject({ isRefused: false, remaining: 0, nextMs: 60_000 })
  })

  test('stands as the list of times says: 42 an hour, asked 1600 s and 1800 s ago', () => {
    const { clock, logs } = logsAt(0)
    logs.consume('k', rate(42, 3600))
    clock.nowMs = 200_000
    logs.consume('k', rate(42, 3600))
    clock.nowMs = 1_800_000
    expect(logs.peek('k', rate(42, 3600))).toEqual({
      isRefused: false,
      remaining: 40,
      nextMs: 1_800_000,
      resetMs: 2_000_000,
    })
  })

  test('of a key that asked nothing, all remains', () => {
    const { logs } = logsAt(0)
    expect(logs.peek('k', rate(5, 60))).toEqual({ isRefused: false, remaining: 5, nextMs: 60_000, resetMs: 0 })
    expect(logs.size).toBe(0)
  })

  test('a limit of 0 lets nothing pass', () => {
    const { logs } = logsAt(0)
    expect(logs.consume('k', rate(0, 60))).toMatchObject({ isRefused: true, remaining: 0, nextMs: 60_000 })
  })

  test('when the limit is lowered, the wait is until enough requests have left', () => {
    const { clock, logs } = logsAt(0)
    for (const nowMs of [0, 1000, 2000, 3000]) {
      clock.nowMs = nowMs
      logs.consume('k', rate(10, 60))
    }
    expect(logs.peek('k', rate(2, 60))).toMatchObject({ isRefused: true, remaining: 0, nextMs: 60_000 - 3000 + 2000 })
  })

  test('what is refunded never happened', () => {
    const { clock, logs } = logsAt(0)
    const times = [0, 10, 20, 30, 30, 40, 50, 60, 70]
    for (const time of times) {
      clock.nowMs = time
      logs.consume('k', rate(20, 60))
    }
    for (const left of [8, 7, 6, 5, 4, 3, 2, 1, 0]) {
      logs.refund('k')
      expect(logs.peek('k', rate(20, 60))).toMatchObject({
        remaining: 20 - left,
        resetMs: left === 0 ? 0 : 60_000 - 70 + (times[left - 1] ?? 0),
      })
    }
    logs.refund('k')
    logs.refund('unknown')
    expect(logs.peek('k', rate(20, 60)).remaining).toBe(20)
  })

  test('goes on over the end of 32 bits of milliseconds', () => {
    const { clock, logs } = logsAt(2 ** 32 - 500)
    logs.consume('k', rate(2, 1))
    clock.nowMs += 600
    expect(logs.consume('k', rate(2, 1))).toMatchObject({ remaining: 0, nextMs: 400 })
    clock.nowMs += 400
    expect(logs.consume('k', rate(2, 1))).toMatchObject({ isRefused: false, remaining: 0 })
  })

  const requests = fc.array(fc.record({ waitMs: fc.oneof(fc.nat(3), fc.nat(2500), fc.nat(20_000)), key: fc.nat(3) }), {
    maxLength: 400,
  })

  test('answers as a list of times does, whoever asks when', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 256 }), fc.constantFrom(1, 10, 60), (steps, limit, seconds) => {
        const { clock, logs } = logsAt(2 ** 32 - 50_000)
        const naive = new Map<number, NaiveLog>()
        for (const { waitMs, key } of steps) {
          clock.nowMs += waitMs
          const log = naive.get(key) ?? new NaiveLog()
          naive.set(key, log)
          const expected = log.consume(clock.nowMs, rate(limit, seconds))
          expect(logs.consume(`key ${key}`, rate(limit, seconds))).toEqual(expected)
        }
      }),
    )
  })

  test('answers as a list of times does while keys come and go', () => {
    const many = fc.array(fc.record({ waitMs: fc.nat(200), key: fc.nat(60) }), { maxLength: 2000, size: 'max' })
    fc.assert(
      fc.property(many, (steps) => {
        const { clock, logs } = logsAt(0)
        const naive = new Map<number, NaiveLog>()
        for (const { waitMs, key } of steps) {
          clock.nowMs += waitMs
          const log = naive.get(key) ?? new NaiveLog()
          naive.set(key, log)
          expect(logs.consume(String(key), rate(4, 10))).toEqual(log.consume(clock.nowMs, rate(4, 10)))
          logs.sweep(7)
        }
        clock.nowMs += 10_000
        logs.sweep(1000)
        expect(logs.size).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  test('of limits above 256: never more than the limit in any window, and no wait a 256th of the window too long', () => {
    const seconds = 60
    const steps = fc.array(fc.oneof(fc.nat(30), fc.nat(400)), { minLength: 900, maxLength: 2500, size: 'max' })
    fc.assert(
      fc.property(steps, (waits) => {
        const { clock, logs } = logsAt(0)
        const passed: number[] = []
        for (const waitMs of waits) {
          clock.nowMs += waitMs
          const usage = logs.consume('k', rate(300, seconds))
          if (!usage.isRefused) passed.push(clock.nowMs)
          const within = (ms: number) => passed.filter((time) => clock.nowMs - time < ms).length
          expect(within(seconds * 1000)).toBeLessThanOrEqual(300)
          if (usage.isRefused) expect(within((seconds * 1000 * 257) / 256)).toBeGreaterThanOrEqual(300)
        }
      }),
      { numRuns: 10 },
    )
  })
})

describe('memory', () => {
  test('keys leave when their window is over', () => {
    const { clock, logs } = logsAt(0)
    for (let key = 0; key < 50_000; key++) logs.consume(`key ${key}`, rate(5, key % 2 === 0 ? 60 : 3600))
    expect(logs.size).toBe(50_000)
    clock.nowMs = 60_000
    logs.sweep(50_000)
    expect(logs.size).toBe(25_000)
    expect(logs.peek('key 1', rate(5, 3600)).remaining).toBe(4)
    clock.nowMs = 3_600_000
    logs.sweep(50_000)
    expect(logs.size).toBe(0)
  })

  test('a full table frees nobody: the exhausted stay exhausted, newcomers share what is left (S79)', () => {
    const { clock, logs } = logsAt(0, { maxKeys: 1000, sharedKey: (key) => `near ${key.slice(0, 1)}` })
    for (let time = 0; time < 3; time++) logs.consume('exhausted', rate(3, 60))
    for (let key = 0; key < 5000; key++) logs.consume(`x${key}`, rate(3, 60))
    expect(logs.size).toBe(1001)
    expect(logs.consume('exhausted', rate(3, 60)).isRefused).toBe(true)
    expect(logs.consume('x9999', rate(3, 60)).isRefused).toBe(true)
    expect(logs.consume('y', rate(3, 60)).isRefused).toBe(false)

    clock.nowMs = 59_000
    logs.sweep(2000)
    expect(logs.consume('exhausted', rate(3, 60)).isRefused).toBe(true)
    clock.nowMs = 60_000
    logs.sweep(2000)
    expect(logs.consume('exhausted', rate(3, 60)).isRefused).toBe(false)
  })

  test('room that comes free gives no fresh log to who is counted with others', () => {
    const { clock, logs } = logsAt(0, { maxKeys: 1, sharedKey: () => 'shared' })
    logs.consume('early', rate(3, 10))
    clock.nowMs = 9000
    for (let time = 0; time < 3; time++) logs.consume('late', rate(3, 10))
    clock.nowMs = 11_000
    logs.sweep(10)
    expect(logs.size).toBe(1)
    expect(logs.consume('late', rate(3, 10)).isRefused).toBe(true)
  })

  test('without room for times the limit still holds, and the newest requests share one', () => {
    const { clock, logs } = logsAt(0, { maxRuns: 6 })
    const ask = (nowMs: number) => {
      clock.nowMs = nowMs
      return logs.consume('k', rate(20, 60))
    }
    for (let time = 0; time < 20; time++) expect(ask(time * 1000).isRefused).toBe(false)
    expect(ask(20_000)).toMatchObject({ isRefused: true, remaining: 0 })
    clock.nowMs = 19_000 + 60_000
    expect(logs.peek('k', rate(20, 60)).remaining).toBe(20)
  })

  test('what many keys keep of their times does not outgrow its room, and none passes more than its limit', () => {
    const { clock, logs } = logsAt(0, { maxRuns: 600 })
    const passed = new Map<number, number>()
    for (let step = 0; step < 20_000; step++) {
      clock.nowMs += 2
      const key = step % 100
      if (!logs.consume(String(key), rate(50, 60)).isRefused) passed.set(key, (passed.get(key) ?? 0) + 1)
    }
    expect([...passed.values()]).toEqual(Array.from({ length: 100 }, () => 50))
  })
})

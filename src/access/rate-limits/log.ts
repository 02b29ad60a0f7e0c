import type { Rate, Usage } from '../../throttling.ts'
import { field } from './record-table.ts'
import type { RunPool } from './run-pool.ts'

/** Where the record of one key is: the newest time in it, the older ones in the pool. */
export interface Log {
  fields: Uint32Array
  offset: number
}

/**
 * Up to this limit every request keeps its own time; beyond, those within this part of the window share one. Both fall
 * as the room for times fills up.
 */
const precisions = [
  { upToFill: 0.5, cells: 256 },
  { upToFill: 0.75, cells: 32 },
  { upToFill: 1, cells: 4 },
]

export function expire(runs: RunPool, log: Log, now: number, windowMs: number): void {
  let older = get(log, field.olderCount)
  let head = get(log, field.head)
  if (older > 0 && ageOf(runs.timeAt(head), now) >= windowMs) {
    const tail = get(log, field.tail)
    while (head !== 0 && ageOf(runs.timeAt(head), now) >= windowMs) {
      older -= runs.countAt(head)
      head = runs.shift(head, tail)
    }
    set(log, field.olderCount, older)
    set(log, field.head, head)
    if (head === 0) set(log, field.tail, 0)
  }
  if (older === 0 && ageOf(get(log, field.newestAt), now) >= windowMs) set(log, field.newestCount, 0)
}

export function append(runs: RunPool, log: Log, now: number, rate: Rate): void {
  const count = get(log, field.newestCount)
  const at = get(log, field.newestAt)
  if (count > 0 && !isSameRun(at, now, rate, cellsAt(runs.fill))) {
    const tail = runs.push(get(log, field.tail), at, count)
    // With no room for another time, the newest requests share one: they leave later, never sooner.
    if (tail !== 0) {
      if (get(log, field.head) === 0) set(log, field.head, tail)
      set(log, field.tail, tail)
      set(log, field.olderCount, get(log, field.olderCount) + count)
      set(log, field.newestCount, 0)
    }
  }
  set(log, field.newestAt, now)
  set(log, field.newestCount, get(log, field.newestCount) + 1)
}

export function popNewest(runs: RunPool, log: Log): void {
  const tail = get(log, field.tail)
  if (tail === 0) {
    set(log, field.newestCount, 0)
    return
  }
  const count = runs.countAt(tail)
  set(log, field.newestAt, runs.timeAt(tail))
  set(log, field.newestCount, count)
  set(log, field.olderCount, get(log, field.olderCount) - count)
  const before = runs.pop(get(log, field.head), tail)
  set(log, field.tail, before)
  if (before === 0) set(log, field.head, 0)
}

export function usageOf(runs: RunPool, log: Log, now: number, rate: Rate, isRefused: boolean): Usage {
  const count = countOf(log)
  if (count === 0) return unused(rate, isRefused)
  const windowMs = rate.windowSeconds * 1000
  return {
    isRefused,
    remaining: Math.max(0, rate.limit - count),
    nextMs: windowMs - ageOf(timeOfLeaving(runs, log, Math.max(1, count - rate.limit + 1)), now),
    resetMs: windowMs - ageOf(get(log, field.newestAt), now),
  }
}

/** The time of the run with which the oldest `requests` are all gone. */
function timeOfLeaving(runs: RunPool, log: Log, requests: number): number {
  let left = requests
  const tail = get(log, field.tail)
  for (let position = get(log, field.head); position !== 0; position = runs.next(position)) {
    left -= runs.countAt(position)
    if (left <= 0) return runs.timeAt(position)
    if (position === tail) break
  }
  return get(log, field.newestAt)
}

export function get({ fields, offset }: Log, name: number): number {
  return fields[offset + name] as number
}

export function set({ fields, offset }: Log, name: number, value: number): void {
  fields[offset + name] = value
}

export function countOf(log: Log): number {
  return get(log, field.olderCount) + get(log, field.newestCount)
}

function ageOf(time: number, now: number): number {
  return (now - time) >>> 0
}

function cellsAt(fill: number): number {
  return precisions.find(({ upToFill }) => fill < upToFill)?.cells ?? 1
}

function isSameRun(earlier: number, now: number, { limit, windowSeconds }: Rate, cells: number): boolean {
  if (earlier === now) return true
  if (limit <= cells) return false
  const cellMs = (windowSeconds * 1000) / cells
  return Math.floor(earlier / cellMs) === Math.floor(now / cellMs)
}

/** Of a key that made no request in the window. */
export function unused({ limit, windowSeconds }: Rate, isRefused: boolean): Usage {
  const windowMs = windowSeconds * 1000
  return { isRefused, remaining: limit, nextMs: windowMs, resetMs: limit === 0 ? windowMs : 0 }
}

import { randomBytes } from 'node:crypto'
import type { Rate, RequestLogs, Usage } from '../../throttling.ts'
import { Fingerprint } from './fingerprint.ts'
import { field, RecordTable } from './record-table.ts'
import { RunPool } from './run-pool.ts'

export interface SlidingLogsOptions {
  /** Milliseconds that never go back. */
  clock?: () => number
  /** Keys that are stored, not counting those that `sharedKey` names. */
  maxKeys?: number
  /** Times that are stored beside the newest of each key. */
  maxRuns?: number
  /** Under which key others are counted once the table is full. Undefined = under its own all the same. */
  sharedKey?: (key: string) => string | undefined
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

/** 84 MB with the index; a bucket each for two million callers. */
const defaultMaxKeys = 2_000_000
/** 32 MB. */
const defaultMaxRuns = 3_000_000

/**
 * When requests of each key were made, as far back as a window: the log of a sliding window, packed into typed arrays.
 * A log keeps the times themselves while the limit is at most 256; beyond, requests within 1/256 of the window share
 * the time of the latest of them. So never more than `limit` pass within any window, and nobody waits more than a 256th
 * of it too long.
 */
export class SlidingLogs implements RequestLogs {
  readonly #table = new RecordTable()
  readonly #runs: RunPool
  readonly #fingerprint = new Fingerprint(newSecret())
  readonly #clock: () => number
  readonly #maxKeys: number
  readonly #sharedKey: (key: string) => string | undefined
  #swept = 0
  /** Until this time of the clock somebody may be counted under a shared key. */
  #sharedUntil = 0

  constructor(options: SlidingLogsOptions = {}) {
    this.#clock = options.clock ?? (() => performance.now())
    this.#maxKeys = options.maxKeys ?? defaultMaxKeys
    this.#runs = new RunPool(options.maxRuns ?? defaultMaxRuns)
    this.#sharedKey = options.sharedKey ?? (() => undefined)
  }

  /** Keys that are stored now. */
  get size(): number {
    return this.#table.size
  }

  consume(key: string, rate: Rate, agoMs = 0): Usage {
    const now = (this.#now() - agoMs) >>> 0
    const windowMs = rate.windowSeconds * 1000
    if (rate.limit === 0) return unused(rate, true)
    const record = this.#find(key) ?? this.#add(key)
    const log = this.#logOf(record)
    this.#expire(log, now, windowMs)
    log.fields[log.offset + field.windowMs] = windowMs
    const isRefused = countOf(log) >= rate.limit
    if (!isRefused) this.#append(log, now, rate)
    return this.#usage(log, now, rate, isRefused)
  }

  peek(key: string, rate: Rate): Usage {
    const record = this.#find(key)
    if (record === undefined) return unused(rate, rate.limit === 0)
    const log = this.#logOf(record)
    const now = this.#now()
    this.#expire(log, now, rate.windowSeconds * 1000)
    return this.#usage(log, now, rate, countOf(log) >= rate.limit)
  }

  refund(key: string): void {
    const record = this.#find(key)
    if (record === undefined) return
    const log = this.#logOf(record)
    const newest = get(log, field.newestCount)
    if (newest > 1) set(log, field.newestCount, newest - 1)
    else if (newest === 1) this.#popNewest(log)
  }

  /** Looks at this many keys, in turn, and forgets those whose requests are all out of the window. */
  sweep(keys: number): void {
    const now = this.#now()
    for (let left = Math.min(keys, this.#table.size); left > 0; left--) {
      if (this.#swept >= this.#table.size) this.#swept = 0
      const log = this.#logOf(this.#swept)
      this.#expire(log, now, get(log, field.windowMs))
      // The last record comes in its place, and is looked at next.
      if (countOf(log) === 0) this.#table.remove(this.#swept)
      else this.#swept += 1
    }
  }

  /** The difference of two is right for 49 days, far longer than any window. */
  #now(): number {
    return Math.floor(this.#clock()) >>> 0
  }

  #find(key: string): number | undefined {
    const own = this.#findExactly(key)
    if (own !== undefined || this.#clock() >= this.#sharedUntil) return own
    // Room that has come free must not give a fresh log to who is counted with others.
    const shared = this.#sharedKey(key)
    return shared === undefined ? undefined : this.#findExactly(shared)
  }

  #findExactly(key: string): number | undefined {
    this.#fingerprint.take(key)
    const record = this.#table.find(this.#fingerprint.high, this.#fingerprint.low)
    return record < 0 ? undefined : record
  }

  #add(key: string): number {
    if (this.#table.size >= this.#maxKeys) this.sweep(sweptWhenFull)
    const shared = this.#table.size >= this.#maxKeys ? this.#sharedKey(key) : undefined
    if (shared !== undefined) this.#sharedUntil = this.#clock() + longestWindowMs
    const known = shared === undefined ? undefined : this.#findExactly(shared)
    if (known !== undefined) return known
    this.#fingerprint.take(shared ?? key)
    return this.#table.add(this.#fingerprint.high, this.#fingerprint.low)
  }

  #logOf(record: number): Log {
    return { fields: this.#table.fieldsOf(record), offset: this.#table.offsetOf(record) }
  }

  #expire(log: Log, now: number, windowMs: number): void {
    let older = get(log, field.olderCount)
    let head = get(log, field.head)
    if (older > 0 && ageOf(this.#runs.timeAt(head), now) >= windowMs) {
      const tail = get(log, field.tail)
      while (head !== 0 && ageOf(this.#runs.timeAt(head), now) >= windowMs) {
        older -= this.#runs.countAt(head)
        head = this.#runs.shift(head, tail)
      }
      set(log, field.olderCount, older)
      set(log, field.head, head)
      if (head === 0) set(log, field.tail, 0)
    }
    if (older === 0 && ageOf(get(log, field.newestAt), now) >= windowMs) set(log, field.newestCount, 0)
  }

  #append(log: Log, now: number, rate: Rate): void {
    const count = get(log, field.newestCount)
    const at = get(log, field.newestAt)
    if (count > 0 && !isSameRun(at, now, rate, cellsAt(this.#runs.fill))) {
      const tail = this.#runs.push(get(log, field.tail), at, count)
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

  #popNewest(log: Log): void {
    const tail = get(log, field.tail)
    if (tail === 0) {
      set(log, field.newestCount, 0)
      return
    }
    const count = this.#runs.countAt(tail)
    set(log, field.newestAt, this.#runs.timeAt(tail))
    set(log, field.newestCount, count)
    set(log, field.olderCount, get(log, field.olderCount) - count)
    const before = this.#runs.pop(get(log, field.head), tail)
    set(log, field.tail, before)
    if (before === 0) set(log, field.head, 0)
  }

  #usage(log: Log, now: number, rate: Rate, isRefused: boolean): Usage {
    const count = countOf(log)
    if (count === 0) return unused(rate, isRefused)
    const windowMs = rate.windowSeconds * 1000
    return {
      isRefused,
      remaining: Math.max(0, rate.limit - count),
      nextMs: windowMs - ageOf(this.#timeOfLeaving(log, Math.max(1, count - rate.limit + 1)), now),
      resetMs: windowMs - ageOf(get(log, field.newestAt), now),
    }
  }

  /** The time of the run with which the oldest `requests` are all gone. */
  #timeOfLeaving(log: Log, requests: number): number {
    let left = requests
    const tail = get(log, field.tail)
    for (let position = get(log, field.head); position !== 0; position = this.#runs.next(position)) {
      left -= this.#runs.countAt(position)
      if (left <= 0) return this.#runs.timeAt(position)
      if (position === tail) break
    }
    return get(log, field.newestAt)
  }
}

/** Where the record of one key is. */
interface Log {
  fields: Uint32Array
  offset: number
}

const sweptWhenFull = 64
const longestWindowMs = 86_400_000

function newSecret(): [number, number] {
  const bytes = randomBytes(8)
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)]
}

function get({ fields, offset }: Log, name: number): number {
  return fields[offset + name] as number
}

function set({ fields, offset }: Log, name: number, value: number): void {
  fields[offset + name] = value
}

function countOf(log: Log): number {
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
function unused({ limit, windowSeconds }: Rate, isRefused: boolean): Usage {
  const windowMs = windowSeconds * 1000
  return { isRefused, remaining: limit, nextMs: windowMs, resetMs: limit === 0 ? windowMs : 0 }
}

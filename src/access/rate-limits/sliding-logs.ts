import { randomBytes } from 'node:crypto'
import type { Rate, RequestLogs, Usage } from '../../throttling.ts'
import { Fingerprint } from './fingerprint.ts'
import { append, countOf, expire, get, type Log, popNewest, set, unused, usageOf } from './log.ts'
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
    expire(this.#runs, log, now, windowMs)
    log.fields[log.offset + field.windowMs] = windowMs
    const isRefused = countOf(log) >= rate.limit
    if (!isRefused) append(this.#runs, log, now, rate)
    return usageOf(this.#runs, log, now, rate, isRefused)
  }

  peek(key: string, rate: Rate): Usage {
    const record = this.#find(key)
    if (record === undefined) return unused(rate, rate.limit === 0)
    const log = this.#logOf(record)
    const now = this.#now()
    expire(this.#runs, log, now, rate.windowSeconds * 1000)
    return usageOf(this.#runs, log, now, rate, countOf(log) >= rate.limit)
  }

  refund(key: string): void {
    const record = this.#find(key)
    if (record === undefined) return
    const log = this.#logOf(record)
    const newest = get(log, field.newestCount)
    if (newest > 1) set(log, field.newestCount, newest - 1)
    else if (newest === 1) popNewest(this.#runs, log)
  }

  /** Looks at this many keys, in turn, and forgets those whose requests are all out of the window. */
  sweep(keys: number): void {
    const now = this.#now()
    for (let left = Math.min(keys, this.#table.size); left > 0; left--) {
      if (this.#swept >= this.#table.size) this.#swept = 0
      const log = this.#logOf(this.#swept)
      expire(this.#runs, log, now, get(log, field.windowMs))
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
}

const sweptWhenFull = 64
const longestWindowMs = 86_400_000

function newSecret(): [number, number] {
  const bytes = randomBytes(8)
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)]
}

/** Fields of a record. */
export const field = { high: 0, low: 1, windowMs: 2, newestAt: 3, newestCount: 4, olderCount: 5, head: 6, tail: 7 }

const fieldsPerRecord = 8
const recordsPerSegment = 1 << 13
const shardCount = 256
const smallestShard = 16

/**
 * Records of eight 32-bit fields, found by a 64-bit fingerprint: 32 bytes each, and 5 to 11 for the index. It grows by
 * segments and rehashes one of 256 shards at a time, so that no request waits for the whole table.
 */
export class RecordTable {
  size = 0
  readonly #segments: Uint32Array[] = []
  /** Open addressing with linear probing; 0 = free, else the number of a record and 1. */
  readonly #shards = Array.from({ length: shardCount }, () => new Uint32Array(smallestShard))
  readonly #shardSizes = new Uint32Array(shardCount)

  /** The number of the record; -1 = there is none. */
  find(high: number, low: number): number {
    const shard = this.#shardOf(low)
    const mask = shard.length - 1
    for (let slot = high & mask; ; slot = (slot + 1) & mask) {
      const record = at(shard, slot) - 1
      if (record < 0) return -1
      const fields = this.fieldsOf(record)
      const offset = this.offsetOf(record)
      if (fields[offset] === high && fields[offset + 1] === low) return record
    }
  }

  /** A new record, whose other fields are 0. */
  add(high: number, low: number): number {
    const record = this.size
    if (record === this.#segments.length * recordsPerSegment) {
      this.#segments.push(new Uint32Array(recordsPerSegment * fieldsPerRecord))
    }
    this.size += 1
    const fields = this.fieldsOf(record)
    const offset = this.offsetOf(record)
    fields.fill(0, offset, offset + fieldsPerRecord)
    fields[offset] = high
    fields[offset + 1] = low
    this.#index(record, high, low)
    return record
  }

  /** The last record takes the number of the removed one. */
  remove(record: number): void {
    const last = this.size - 1
    this.#unindex(this.#slotOf(record), this.#shardNumber(record))
    if (record !== last) {
      const slot = this.#slotOf(last)
      this.#shardOf(this.#get(last, field.low))[slot] = record + 1
      const from = this.offsetOf(last)
      this.fieldsOf(record).set(this.fieldsOf(last).subarray(from, from + fieldsPerRecord), this.offsetOf(record))
    }
    this.size = last
    // One empty segment stays, so that growing and shrinking around its edge costs nothing.
    if (last <= (this.#segments.length - 2) * recordsPerSegment) this.#segments.pop()
  }

  /** The array that holds the record, from `offsetOf(record)` on. */
  fieldsOf(record: number): Uint32Array {
    return this.#segments[Math.floor(record / recordsPerSegment)] as Uint32Array
  }

  offsetOf(record: number): number {
    return (record % recordsPerSegment) * fieldsPerRecord
  }

  #get(record: number, name: number): number {
    return at(this.fieldsOf(record), this.offsetOf(record) + name)
  }

  #shardNumber(record: number): number {
    return this.#get(record, field.low) % shardCount
  }

  #shardOf(low: number): Uint32Array {
    return this.#shards[low % shardCount] as Uint32Array
  }

  #index(record: number, high: number, low: number): void {
    const number = low % shardCount
    const size = at(this.#shardSizes, number) + 1
    this.#shardSizes[number] = size
    if (size * 4 > this.#shardOf(low).length * 3) this.#resize(number, this.#shardOf(low).length * 2)
    place(this.#shardOf(low), high, record + 1)
  }

  #resize(number: number, length: number): void {
    const larger = new Uint32Array(length)
    for (const entry of this.#shards[number] ?? []) {
      if (entry !== 0) place(larger, this.#get(entry - 1, field.high), entry)
    }
    this.#shards[number] = larger
  }

  #slotOf(record: number): number {
    const shard = this.#shardOf(this.#get(record, field.low))
    const mask = shard.length - 1
    let slot = this.#get(record, field.high) & mask
    while (shard[slot] !== record + 1) slot = (slot + 1) & mask
    return slot
  }

  /** Moves up what was pushed past the freed slot. */
  #unindex(freed: number, number: number): void {
    const shard = this.#shards[number] as Uint32Array
    const mask = shard.length - 1
    let hole = freed
    for (let slot = (hole + 1) & mask; shard[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#get(at(shard, slot) - 1, field.high) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      shard[hole] = at(shard, slot)
      hole = slot
    }
    shard[hole] = 0
    const size = at(this.#shardSizes, number) - 1
    this.#shardSizes[number] = size
    if (shard.length > smallestShard && size * 8 < shard.length) this.#resize(number, shard.length / 2)
  }
}

function place(shard: Uint32Array, high: number, entry: number): void {
  const mask = shard.length - 1
  let slot = high & mask
  while (shard[slot] !== 0) slot = (slot + 1) & mask
  shard[slot] = entry
}

function at(array: Uint32Array, index: number): number {
  return array[index] as number
}

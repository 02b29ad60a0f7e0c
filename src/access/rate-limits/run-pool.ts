const wordsPerChunk = 8
const runsPerChunk = 3
const chunksPerSegment = 1 << 13

/**
 * Queues of runs (a time and how many requests belong to it), in chunks of three that all queues share. A position is
 * four times the number of a chunk, and the run in it; 0 = nowhere.
 */
export class RunPool {
  readonly #maxChunks: number
  readonly #segments: Uint32Array[] = []
  #chunks = 1
  #free = 0
  #used = 0

  constructor(maxRuns: number) {
    this.#maxChunks = Math.ceil(maxRuns / runsPerChunk)
  }

  /** How full the pool is, 0 to 1. */
  get fill(): number {
    return this.#used / this.#maxChunks
  }

  timeAt(position: number): number {
    return this.#word(position, 1 + (position & 3) * 2)
  }

  countAt(position: number): number {
    return this.#word(position, 2 + (position & 3) * 2)
  }

  /** Writes a run behind `tail` and tells its position; 0 = the pool is full. */
  push(tail: number, time: number, count: number): number {
    let position = tail + 1
    if (tail === 0 || (tail & 3) === runsPerChunk - 1) {
      position = this.#allocate() * 4
      if (position === 0) return 0
      if (tail !== 0) this.#write(tail, 0, position >>> 2)
    }
    this.#write(position, 1 + (position & 3) * 2, time)
    this.#write(position, 2 + (position & 3) * 2, count)
    return position
  }

  /** The position behind `position`. */
  next(position: number): number {
    return (position & 3) < runsPerChunk - 1 ? position + 1 : this.#word(position, 0) * 4
  }

  /** Gives up the oldest run, and tells where the next one is; 0 = it was the only one. */
  shift(head: number, tail: number): number {
    if (head === tail) {
      this.#release(head >>> 2)
      return 0
    }
    const next = this.next(head)
    if (next >>> 2 !== head >>> 2) this.#release(head >>> 2)
    return next
  }

  /** Gives up the newest run, and tells where the one before it is; 0 = it was the only one. */
  pop(head: number, tail: number): number {
    if (head === tail) {
      this.#release(head >>> 2)
      return 0
    }
    if ((tail & 3) > 0) return tail - 1
    let chunk = head >>> 2
    while (this.#word(chunk * 4, 0) !== tail >>> 2) chunk = this.#word(chunk * 4, 0)
    this.#release(tail >>> 2)
    return chunk * 4 + runsPerChunk - 1
  }

  #allocate(): number {
    let chunk = this.#free
    if (chunk !== 0) this.#free = this.#word(chunk * 4, 0)
    else {
      if (this.#chunks > this.#maxChunks) return 0
      chunk = this.#chunks
      this.#chunks += 1
      if (chunk >= this.#segments.length * chunksPerSegment) {
        this.#segments.push(new Uint32Array(chunksPerSegment * wordsPerChunk))
      }
    }
    this.#used += 1
    this.#write(chunk * 4, 0, 0)
    return chunk
  }

  #release(chunk: number): void {
    this.#used -= 1
    if (this.#used === 0) {
      this.#segments.length = 0
      this.#chunks = 1
      this.#free = 0
      return
    }
    this.#write(chunk * 4, 0, this.#free)
    this.#free = chunk
  }

  #word(position: number, word: number): number {
    const chunk = position >>> 2
    const segment = this.#segments[chunk >>> 13] as Uint32Array
    return segment[(chunk & (chunksPerSegment - 1)) * wordsPerChunk + word] as number
  }

  #write(position: number, word: number, value: number): void {
    const chunk = position >>> 2
    const segment = this.#segments[chunk >>> 13] as Uint32Array
    segment[(chunk & (chunksPerSegment - 1)) * wordsPerChunk + word] = value
  }
}

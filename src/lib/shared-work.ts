interface Running<Result> {
  result: Promise<Result>
  waiting: number
  ending: AbortController
  abandoned: NodeJS.Timeout | undefined
}

/** Work that several callers want the result of is done once for all of them, and ended when none of them waits any more. */
export class SharedWork<Result> {
  readonly #running = new Map<string, Running<Result>>()
  readonly #patienceMs: number

  /** @param patienceMs after the last caller has left, for one that comes back */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** @param left aborts when the caller no longer waits */
  async join(key: string, work: (signal: AbortSignal) => Promise<Result>, left: AbortSignal): Promise<Result> {
    const running = this.#running.get(key) ?? this.#begin(key, work)
    running.waiting += 1
    clearTimeout(running.abandoned)
    const leave = () => this.#leave(running)
    if (left.aborted) leave()
    else left.addEventListener('abort', leave, { once: true })
    try {
      return await running.result
    } finally {
      left.removeEventListener('abort', leave)
    }
  }

  /** Ends all of it and waits until it has ended. */
  async stop(): Promise<void> {
    const all = [...this.#running.values()]
    for (const { ending } of all) ending.abort()
    await Promise.allSettled(all.map(({ result }) => result))
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<Result>): Running<Result> {
    const ending = new AbortController()
    const forget = () => {
      if (this.#running.get(key) === running) this.#running.delete(key)
    }
    const result = work(ending.signal).finally(() => {
      clearTimeout(running.abandoned)
      forget()
    })
    const running: Running<Result> = { result, waiting: 0, ending, abandoned: undefined }
    // Who comes now needs work that is not ended.
    ending.signal.addEventListener('abort', forget, { once: true })
    this.#running.set(key, running)
    return running
  }

  #leave(running: Running<Result>): void {
    running.waiting -= 1
    if (running.waiting > 0) return
    running.abandoned = setTimeout(() => running.ending.abort(), this.#patienceMs).unref()
  }
}

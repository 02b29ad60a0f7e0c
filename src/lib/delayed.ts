/** Work that is due some time after it is first asked for, once for all who ask until then. */
export interface Delayed {
  /** Does not keep the process running. */
  schedule(): void
  /** Does it at once instead, or as soon as what is under way is done. */
  run(): Promise<void>
}

/** @param work must not throw */
export function delayed(work: () => Promise<void>, ms: number): Delayed {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()
  const run = () => {
    clearTimeout(timer)
    timer = undefined
    underWay = underWay.then(work)
    return underWay
  }
  return {
    run,
    schedule: () => {
      timer ??= setTimeout(() => void run(), ms).unref()
    },
  }
}

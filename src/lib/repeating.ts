/** Work that is done again and again, never twice at the same time. */
export interface Repeating {
  /** Does it soon: callers may still have to commit what it is about. */
  wake(): void
  /** Waits for what is under way. */
  stop(): Promise<void>
}

const soonMs = 50

/** @param work must not throw */
export function repeat(work: () => Promise<void>, everyMs: number): Repeating {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined
  let isWanted = false
  let isStopped = false
  const schedule = (ms: number) => {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(begin, ms).unref()
  }
  const begin = () => {
    isWanted = false
    underWay = work().finally(() => {
      underWay = undefined
      schedule(isWanted ? soonMs : everyMs)
    })
  }
  schedule(0)
  return {
    wake: () => {
      if (isWanted) return
      isWanted = true
      if (underWay === undefined) schedule(soonMs)
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}

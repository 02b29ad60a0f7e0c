import type { Database } from '../db/database.ts'
import { missingMigrations } from '../db/migration-state.ts'
import { Problem } from '../lib/problem.ts'
import type { Readiness } from '../services.ts'

/** Whoever asks more often gets the answer from before, so that asking costs nobody anything. */
const keepAnswerMs = 1_000
/** A database that has not answered by then is as good as away. */
const answerWithinMs = 3_000
const retryAfterSeconds = 5

export function createReadiness(db: Database): Readiness {
  let isClosing = false
  let answer: Promise<string | undefined> | undefined
  let answeredAt = Number.NEGATIVE_INFINITY
  let isUnderWay = false
  const look = () => {
    isUnderWay = true
    return findTrouble(db).finally(() => {
      isUnderWay = false
      answeredAt = performance.now()
    })
  }
  return {
    close: () => {
      isClosing = true
    },
    require: async () => {
      if (isClosing) throw notReady('The server is closing.')
      if (!isUnderWay && performance.now() - answeredAt > keepAnswerMs) answer = look()
      const trouble = await Promise.race([answer, late()])
      if (trouble !== undefined) throw notReady(trouble)
    },
  }
}

async function findTrouble(db: Database): Promise<string | undefined> {
  try {
    const missing = await missingMigrations(db)
    return missing === 0 ? undefined : 'The database is older than this release.'
  } catch {
    return 'The database cannot be used.'
  }
}

function late(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('The database does not answer.'), answerWithinMs).unref()
  })
}

function notReady(why: string): Problem {
  return new Problem('unavailable', why, { headers: { 'retry-after': String(retryAfterSeconds) } })
}

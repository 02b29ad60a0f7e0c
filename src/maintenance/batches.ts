import { setTimeout } from 'node:timers/promises'
import type { Round } from './maintenance.ts'

/** Between batches others get their turn, which matters where the database has one connection. */
const pauseMs = 20
const rowsAtOnce = 1000

/**
 * Repeats a small piece of work until it finds nothing more to do.
 * @param some does a batch and says how many it did
 */
export async function inBatches({ goOn }: Pick<Round, 'goOn'>, some: () => Promise<number>): Promise<number> {
  let done = 0
  while (goOn()) {
    const count = await some()
    if (count === 0) break
    done += count
    await setTimeout(pauseMs)
  }
  return done
}

/** Deletes rows, some at a time. @param some as Prisma's `deleteMany` with a `limit` */
export function deleteAll(
  round: Pick<Round, 'goOn'>,
  some: (atOnce: number) => Promise<{ count: number }>,
): Promise<number> {
  return inBatches(round, async () => (await some(rowsAtOnce)).count)
}

/** What a look at some neighbouring rows found. */
export interface Slice {
  /** The last id that was looked at; null = there are no more rows. */
  last: bigint | null
  done: number
}

/** Looks at all rows of a table, some at a time in the order of their ids, so that no statement takes long. */
export async function inSlices(
  { goOn }: Pick<Round, 'goOn'>,
  look: (after: bigint) => Promise<Slice | undefined>,
): Promise<number> {
  let done = 0
  for (let after = 0n; goOn(); await setTimeout(pauseMs)) {
    const slice = await look(after)
    done += slice?.done ?? 0
    if (slice === undefined || slice.last === null) break
    after = slice.last
  }
  return done
}

import type { Readable } from 'node:stream'
import type { Standing } from '../../access/standing.ts'
import type { DatabaseClient } from '../../db/database.ts'
import { type Repeating, repeat } from '../../lib/repeating.ts'

/** Audio that is being sent. It ends when what its listener's right to it rests on ends. */
export interface OpenStreams {
  add(stream: Readable, standing: Standing | undefined): void
  /** Looks now, for tests and for who has heard of a change. */
  look(): Promise<void>
  stop(): Promise<void>
}

/** However well changes are heard. */
const lookEveryMs = 5_000
const tables = ['token_families', 'clients', 'users']

export function openStreams(db: DatabaseClient): OpenStreams {
  const open = new Map<Readable, Standing | undefined>()
  let looking: Repeating | undefined

  async function look(): Promise<void> {
    const standings = new Map([...open.values()].flatMap((standing) => (standing ? [[standing.key, standing]] : [])))
    for (const standing of standings.values()) {
      // What cannot be found out now is found out next time.
      if (await standing.holds(db, 'read:libraries').catch(() => true)) continue
      for (const [stream, { key } = { key: undefined }] of open) if (key === standing.key) end(stream)
    }
  }

  const unfollow = tables.map((table) => db.changes.follow(table, () => open.size > 0 && looking?.wake()))
  return {
    add(stream, standing) {
      open.set(stream, standing)
      stream.once('close', () => open.delete(stream))
      looking ??= repeat(look, lookEveryMs)
    },
    look,
    async stop() {
      for (const stop of unfollow) stop()
      for (const stream of open.keys()) end(stream)
      await looking?.stop()
    },
  }
}

/** The connection is cut before the announced length: nobody takes what arrived for all of it. */
function end(stream: Readable): void {
  stream.destroy(new Error('The right to this stream has ended'))
}

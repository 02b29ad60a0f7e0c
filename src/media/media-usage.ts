import { LRUCache } from 'lru-cache'
import type { Database } from '../db/database.ts'
import { delayed } from '../lib/delayed.ts'

/** Who listens to what, as far as the pod counts it; never a write in a request's way. */
export interface MediaUsage {
  note(use: MediaUse): void
  /** Writes what is not written yet. */
  flush(): Promise<void>
}

export interface MediaUse {
  uploadId: number
  trackId: number
  /** Seconds. */
  duration: number | null
  /** Served instead of the upload. */
  transcodedId: number | undefined
  /** A user or an address. */
  listener: string
}

/** Soon enough that who looks after listening sees it counted. */
const writeAfterMs = 1_000
/** What somebody listens to again and again counts so often, or as often as it can be heard if that is longer. */
const countEveryMs = 6 * 3_600_000
const mostRemembered = 100_000

interface Unwritten {
  trackId: number
  downloads: number
  at: Date
}

export function createMediaUsage(db: Database): MediaUsage {
  /** Until when, by upload and listener. */
  const counted = new LRUCache<string, number>({ max: mostRemembered })
  let uploads = new Map<number, Unwritten>()
  let copies = new Map<number, Date>()

  function isFirst({ uploadId, listener, duration }: MediaUse): boolean {
    const key = `${uploadId} ${listener}`
    const now = Date.now()
    if ((counted.get(key) ?? 0) > now) return false
    counted.set(key, now + Math.max(countEveryMs, (duration ?? 0) * 1000))
    return true
  }

  const writing = delayed(async () => {
    const batch = { uploads, copies }
    uploads = new Map()
    copies = new Map()
    // What is lost here are only counts.
    await write(db, batch).catch(() => undefined)
  }, writeAfterMs)

  return {
    note(use) {
      const at = new Date()
      const before = uploads.get(use.uploadId)?.downloads ?? 0
      uploads.set(use.uploadId, { trackId: use.trackId, downloads: before + (isFirst(use) ? 1 : 0), at })
      if (use.transcodedId !== undefined) copies.set(use.transcodedId, at)
      writing.schedule()
    },
    flush: writing.run,
  }
}

/** Rows that are gone meanwhile are passed over. */
async function write(
  db: Database,
  { uploads, copies }: { uploads: Map<number, Unwritten>; copies: Map<number, Date> },
): Promise<void> {
  const uses = [...uploads.values()]
  if (uses.length > 0) {
    await db.$executeRaw`
      WITH seen AS (
        SELECT * FROM unnest(${[...uploads.keys()]}::int[], ${uses.map(({ trackId }) => trackId)}::int[],
          ${uses.map(({ downloads }) => downloads)}::int[], ${uses.map(({ at }) => at)}::timestamptz[])
          AS seen(id, track_id, downloads, at)
      ), counted AS (
        UPDATE tracks t SET downloads_count = t.downloads_count + heard.downloads
        FROM (SELECT track_id, sum(downloads)::int AS downloads FROM seen GROUP BY track_id) heard
        WHERE t.id = heard.track_id AND heard.downloads > 0
      )
      UPDATE uploads u SET accessed_at = seen.at, downloads_count = u.downloads_count + seen.downloads
      FROM seen WHERE u.id = seen.id`
  }
  if (copies.size > 0) {
    await db.$executeRaw`
      UPDATE transcoded_files f SET accessed_at = seen.at
      FROM unnest(${[...copies.keys()]}::int[], ${[...copies.values()]}::timestamptz[]) AS seen(id, at)
      WHERE f.id = seen.id`
  }
}

import type { Database } from '../db/database.ts'

const day = 24 * 60 * 60 * 1000
/** For so long a count is good enough. */
const keptMs = 10 * 60 * 1000

export interface Usage {
  users: number
  /** Seen within 180 days, and within 30. */
  activeHalfyear: number
  activeMonth: number
  artists: number
  albums: number
  tracks: number
  /** Of audio. */
  hours: number
  favorites: number
  listenings: number
  downloads: number
  /** Tags that most tracks have. */
  topMusicTags: TagCount[]
  topPodcastTags: TagCount[]
}

interface TagCount {
  name: string
  count: number
}

export const noUsage: Usage = {
  users: 0,
  activeHalfyear: 0,
  activeMonth: 0,
  artists: 0,
  albums: 0,
  tracks: 0,
  hours: 0,
  favorites: 0,
  listenings: 0,
  downloads: 0,
  topMusicTags: [],
  topPodcastTags: [],
}

type Totals = Omit<Usage, 'topMusicTags' | 'topPodcastTags'>

async function countUsage(db: Database, now: Date): Promise<Usage> {
  const before = (days: number) => new Date(now.getTime() - days * day)
  const [totals = noUsage] = await db.$queryRaw<Totals[]>`
    SELECT count(*)::int AS users,
      count(*) FILTER (WHERE last_activity_at >= ${before(180)})::int AS "activeHalfyear",
      count(*) FILTER (WHERE last_activity_at >= ${before(30)})::int AS "activeMonth",
      (SELECT count(*)::int FROM artists) AS artists,
      (SELECT count(*)::int FROM albums) AS albums,
      (SELECT count(*)::int FROM tracks) AS tracks,
      (SELECT coalesce(sum(duration), 0)::float8 / 3600 FROM uploads) AS hours,
      (SELECT count(*)::int FROM favorites) AS favorites,
      (SELECT count(*)::int FROM listenings) AS listenings,
      (SELECT coalesce(sum(downloads_count), 0)::float8 FROM tracks) AS downloads
    FROM users WHERE is_active`
  const [topMusicTags, topPodcastTags] = [await topTags(db, 'music'), await topTags(db, 'podcast')]
  return { ...totals, topMusicTags, topPodcastTags }
}

function topTags(db: Database, contentCategory: string): Promise<TagCount[]> {
  return db.$queryRaw<TagCount[]>`
    SELECT t.name, count(*)::int AS count
    FROM track_tags tt JOIN tags t ON t.id = tt.tag_id JOIN tracks r ON r.id = tt.track_id
      JOIN artists a ON a.id = r.artist_id
    WHERE a.content_category = ${contentCategory}
    GROUP BY t.id ORDER BY count DESC, t.name LIMIT 3`
}

/** Counts at most every ten minutes, and once for all who ask at the same time. */
export function usageCounter(db: Database): () => Promise<Usage> {
  let counted: { at: number; usage: Promise<Usage> } | undefined
  return async () => {
    const now = new Date()
    if (counted !== undefined && Math.abs(now.getTime() - counted.at) < keptMs) return counted.usage
    const mine = { at: now.getTime(), usage: countUsage(db, now) }
    counted = mine
    mine.usage.catch(() => {
      if (counted === mine) counted = undefined
    })
    return mine.usage
  }
}

import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { eventsOfVisible, type Looking } from '../listeners/track-events.ts'
import type { ActivityOnWire } from './schemas.ts'

/** So many are shown. */
const newest = 20

const types = { listenings: 'Listen', favorites: 'Like' } as const
const tables = { listenings: Prisma.sql`listenings`, favorites: Prisma.sql`favorites` }

interface ActivityRow {
  type: ActivityOnWire['type']
  id: number
  createdAt: Date
  username: string
  trackId: number
  mbid: string | null
  title: string
  artist: string
  album: string | null
}

/**
 * What the people whom the viewer may see have listened to and liked lately, newest first.
 * @param own whether that of the viewer is among it, which may be as private as it likes
 */
export async function listActivity(
  db: Database,
  { viewer, publicUrl }: Looking,
  own: { listenings: boolean; favorites: boolean },
): Promise<ActivityOnWire[]> {
  const newestOf = (table: 'listenings' | 'favorites') => {
    const others = own[table] ? Prisma.empty : Prisma.sql`AND e.user_id IS DISTINCT FROM ${viewer.userId}::int`
    return Prisma.sql`(SELECT ${types[table]} AS type, e.id, e.user_id, e.track_id, e.created_at
      FROM ${tables[table]} e WHERE ${eventsOfVisible(viewer)} ${others}
      ORDER BY e.created_at DESC, e.id DESC LIMIT ${newest})`
  }
  const rows = await db.$queryRaw<ActivityRow[]>`
    SELECT n.type, n.id, n.created_at AS "createdAt", u.username, t.id AS "trackId", t.mbid, t.title, a.name AS artist,
      b.title AS album
    FROM (${newestOf('listenings')} UNION ALL ${newestOf('favorites')}) n
      JOIN users u ON u.id = n.user_id JOIN tracks t ON t.id = n.track_id JOIN artists a ON a.id = t.artist_id
      LEFT JOIN albums b ON b.id = t.album_id
    ORDER BY n.created_at DESC, n.type, n.id DESC LIMIT ${newest}`
  return rows.map((row) => represent(row, publicUrl))
}

function represent(row: ActivityRow, publicUrl: string): ActivityOnWire {
  const { type, id, username, trackId, mbid, title, artist, album } = row
  const actorUrl = `${publicUrl}/@${username}`
  const collection = type === 'Listen' ? 'listenings' : 'favorites'
  return {
    type,
    id: `${actorUrl}/${collection}/tracks/${id}`,
    local_id: id,
    published: row.createdAt,
    actor: { id: actorUrl, local_id: username, name: username, type: 'Person' },
    object: {
      id: mbid === null ? `${publicUrl}/tracks/${trackId}` : `https://musicbrainz.org/recording/${mbid}`,
      local_id: trackId,
      name: title,
      type: 'Audio',
      artist,
      album,
    },
  }
}

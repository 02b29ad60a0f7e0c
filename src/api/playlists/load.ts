import type { Database } from '../../db/database.ts'
import type { Prisma } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import { attachmentUrl, representAttachment } from '../../media/representation.ts'
import { representActor, representUserBasic } from '../actors/representation.ts'
import type { Looking } from '../listeners/track-events.ts'
import { visiblePlaylists } from '../privacy.ts'
import { isPlayableUpload, type Viewer } from '../viewer.ts'
import type { PlaylistOnWire } from './schemas.ts'

const mostCovers = 5

const withOwner = { user: { include: { avatar: true } } } satisfies Prisma.PlaylistInclude

type PlaylistRow = Prisma.PlaylistGetPayload<{ include: typeof withOwner }>

/** What a playlist's entries amount to. */
interface Content {
  playlistId: number
  tracksCount: number
  /** Seconds, going by the first upload of each track. */
  duration: number
  isPlayable: boolean
}

interface Cover {
  playlistId: number
  uuid: string
  mimetype: string
}

/** @throws Problem `not_found`, also when the viewer may not see it */
export async function loadPlaylist(db: Database, looking: Looking, id: number): Promise<PlaylistOnWire> {
  const where = { id, ...visiblePlaylists(looking.viewer) }
  const [found] = await loadPlaylists(db, looking, where)
  if (found === undefined) throw notFound('playlist')
  return found
}

/** Some playlists as the viewer sees them, with as many queries as for one. */
export async function loadPlaylists(
  db: Database,
  { publicUrl, viewer }: Looking,
  where: Prisma.PlaylistWhereInput,
): Promise<PlaylistOnWire[]> {
  const rows = await db.playlist.findMany({ where, include: withOwner })
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const contents = new Map((await contentsOf(db, viewer, ids)).map((content) => [content.playlistId, content]))
  const covers = await coversOf(db, ids)
  return rows.map((row) => {
    const own = covers.filter(({ playlistId }) => playlistId === row.id)
    const urls = own.map((cover) => attachmentUrl(cover, 'medium_square_crop', publicUrl))
    return represent(row, contents.get(row.id), urls, publicUrl)
  })
}

function represent(
  row: PlaylistRow,
  content: Content | undefined,
  covers: string[],
  publicUrl: string,
): PlaylistOnWire {
  const { avatar } = row.user
  return {
    id: row.id,
    name: row.name,
    user: representUserBasic(row.user, avatar === null ? null : representAttachment(avatar, publicUrl)),
    modification_date: row.modifiedAt,
    creation_date: row.createdAt,
    privacy_level: row.privacyLevel,
    tracks_count: content?.tracksCount ?? 0,
    album_covers: covers,
    duration: content?.duration ?? 0,
    is_playable: content?.isPlayable ?? false,
    actor: representActor(row.user, publicUrl),
  }
}

/** With `ORDER BY u.id LIMIT 1`, PostgreSQL may look for a track's first upload among all there are. */
function contentsOf(db: Database, viewer: Viewer, ids: number[]): Promise<Content[]> {
  return db.$queryRaw<Content[]>`
    SELECT p.playlist_id AS "playlistId", count(*)::int AS "tracksCount",
      coalesce(sum((SELECT (array_agg(u.duration ORDER BY u.id))[1] FROM uploads u WHERE u.track_id = p.track_id)), 0)::int
        AS duration,
      bool_or(EXISTS (SELECT FROM uploads u WHERE u.track_id = p.track_id AND ${isPlayableUpload(viewer)}))
        AS "isPlayable"
    FROM playlist_tracks p WHERE p.playlist_id = ANY(${ids}::int[]) GROUP BY p.playlist_id`
}

/** Pictures of the albums, in the order in which their tracks come. */
function coversOf(db: Database, ids: number[]): Promise<Cover[]> {
  return db.$queryRaw<Cover[]>`
    WITH covers AS (
      SELECT p.playlist_id, a.cover_id, min(p.index) AS first,
        row_number() OVER (PARTITION BY p.playlist_id ORDER BY min(p.index), a.cover_id) AS place
      FROM playlist_tracks p JOIN tracks t ON t.id = p.track_id JOIN albums a ON a.id = t.album_id
      WHERE p.playlist_id = ANY(${ids}::int[]) AND a.cover_id IS NOT NULL
      GROUP BY p.playlist_id, a.cover_id)
    SELECT c.playlist_id AS "playlistId", f.uuid::text, f.mimetype
    FROM covers c JOIN attachments f ON f.id = c.cover_id
    WHERE c.place <= ${mostCovers} ORDER BY c.playlist_id, c.place`
}

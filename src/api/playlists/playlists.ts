import type { Database } from '../../db/database.ts'
import type { Playlist } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import type { Own } from './entries.ts'

export interface PlaylistChanges {
  name?: string | undefined
  privacyLevel?: string | undefined
}

/** Without a level of its own it is as private as its owner is. */
export async function createPlaylist(
  db: Database,
  given: { userId: number; name: string; privacyLevel: string | undefined },
): Promise<number> {
  const { userId, name, privacyLevel = null } = given
  const now = new Date()
  const [row] = await db.$queryRaw<Pick<Playlist, 'id'>[]>`
    INSERT INTO playlists (user_id, name, privacy_level, created_at, modified_at)
    SELECT u.id, ${name}, coalesce(${privacyLevel}, u.privacy_level), ${now}, ${now} FROM users u WHERE u.id = ${userId}
    RETURNING id`
  if (row === undefined) throw notFound('user')
  return row.id
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function requireOwnPlaylist(db: Database, { id, userId }: Own): Promise<void> {
  if ((await db.playlist.count({ where: { id, userId } })) === 0) throw notFound('playlist')
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function changePlaylist(db: Database, { id, userId }: Own, changes: PlaylistChanges): Promise<void> {
  const { name, privacyLevel } = changes
  const { count } = await db.playlist.updateMany({
    where: { id, userId },
    data: {
      modifiedAt: new Date(),
      ...(name !== undefined && { name }),
      ...(privacyLevel !== undefined && { privacyLevel }),
    },
  })
  if (count === 0) throw notFound('playlist')
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function deletePlaylist(db: Database, { id, userId }: Own): Promise<void> {
  const { count } = await db.playlist.deleteMany({ where: { id, userId } })
  if (count === 0) throw notFound('playlist')
}

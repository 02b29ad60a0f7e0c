import { Prisma } from '../db/generated/client.ts'
import type { Viewer } from './viewer.ts'

const openToAccounts = ['instance', 'everyone']

/** Playlists a viewer may see: each says for itself, and their own always. Nobody follows anybody here. */
export function visiblePlaylists({ userId }: Viewer): Prisma.PlaylistWhereInput {
  if (userId === undefined) return { privacyLevel: 'everyone' }
  return { OR: [{ userId }, { privacyLevel: { in: openToAccounts } }] }
}

/** `visiblePlaylists` as a condition on `playlists AS e`. */
export function isVisiblePlaylist({ userId }: Viewer): Prisma.Sql {
  if (userId === undefined) return Prisma.sql`e.privacy_level = 'everyone'`
  return Prisma.sql`(e.user_id = ${userId} OR e.privacy_level IN ('instance', 'everyone'))`
}

/** Users whose favorites and listenings a viewer may see; a condition on `users AS u`. */
export function isVisibleListener({ userId }: Viewer): Prisma.Sql {
  if (userId === undefined) return Prisma.sql`u.privacy_level = 'everyone'`
  return Prisma.sql`(u.id = ${userId} OR u.privacy_level IN ('instance', 'everyone'))`
}

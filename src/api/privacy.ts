import type { Prisma } from '../db/generated/client.ts'
import type { Viewer } from './viewer.ts'

const openToAccounts = ['instance', 'everyone']

/** Users whose favorites and listenings a viewer may see: their own always. Nobody follows anybody here. */
export function visibleListeners({ userId }: Viewer): Prisma.UserWhereInput {
  if (userId === undefined) return { privacyLevel: 'everyone' }
  return { OR: [{ id: userId }, { privacyLevel: { in: openToAccounts } }] }
}

/** Playlists a viewer may see; each says for itself. */
export function visiblePlaylists({ userId }: Viewer): Prisma.PlaylistWhereInput {
  if (userId === undefined) return { privacyLevel: 'everyone' }
  return { OR: [{ userId }, { privacyLevel: { in: openToAccounts } }] }
}

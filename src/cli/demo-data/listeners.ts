import { addFavorite } from '../../api/favorites/favorites.ts'
import { addListening } from '../../api/listenings/listenings.ts'
import { addTracks } from '../../api/playlists/entries.ts'
import { createPlaylist } from '../../api/playlists/playlists.ts'
import { playableUploads } from '../../api/viewer.ts'
import type { DatabaseClient } from '../../db/database.ts'
import type { User } from '../../db/generated/client.ts'
import type { DemoUser } from './catalogue.ts'
import { randomOf } from './random.ts'

const days = 28
const listenings = 60
const favorites = 5
const playlistLength = 8

/** Gives a user a playlist, favorites and a history of the last weeks, of what they may hear; each only if there is none. */
export async function useMusic(db: DatabaseClient, user: User, { playlist }: DemoUser): Promise<void> {
  const trackIds = await playableTracks(db, user)
  if (trackIds.length === 0) return
  const random = randomOf(`${user.username} listens`)
  const some = (count: number) => [...new Set(Array.from({ length: count }, () => random.pick(trackIds)))]
  const own = { userId: user.id }
  if ((await db.playlist.count({ where: { ...own, name: playlist.name } })) === 0) {
    const id = await createPlaylist(db, { ...own, ...playlist })
    const entries = { trackIds: some(playlistLength), allowDuplicates: false, mostTracks: playlistLength }
    await addTracks(db, { id, ...own }, entries)
  }
  if ((await db.favorite.count({ where: own })) === 0) {
    for (const trackId of some(favorites)) await addFavorite(db, { ...own, trackId })
  }
  if ((await db.listening.count({ where: own })) > 0) return
  for (let n = listenings; n > 0; n -= 1) {
    const minutesAgo = Math.round((n / listenings) * days * 24 * 60) - random.upTo(10 * 60)
    const at = new Date(Date.now() - Math.max(1, minutesAgo) * 60_000)
    await addListening(db, { ...own, trackId: random.pick(trackIds), at })
  }
}

async function playableTracks(db: DatabaseClient, { id: userId }: User): Promise<number[]> {
  const uploads = await db.upload.findMany({
    where: { ...playableUploads({ userId }), trackId: { not: null } },
    select: { trackId: true },
    orderBy: { id: 'asc' },
  })
  return [...new Set(uploads.flatMap(({ trackId }) => trackId ?? []))]
}

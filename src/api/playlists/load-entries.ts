import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { notFound } from '../../lib/problem.ts'
import type { Looking } from '../listeners/track-events.ts'
import { visiblePlaylists } from '../privacy.ts'
import { loadTracks } from '../tracks/load.ts'
import type { EntryRow } from './entries.ts'
import type { playlistTracks } from './schemas.ts'

/**
 * All entries of a playlist, as they stand.
 * @throws Problem `not_found`, also when the viewer may not see it
 */
export async function listEntries(
  db: Database,
  looking: Looking,
  id: number,
): Promise<z.output<typeof playlistTracks>> {
  const found = await db.playlist.findFirst({
    where: { id, ...visiblePlaylists(looking.viewer) },
    select: { entries: { orderBy: [{ index: 'asc' }, { id: 'asc' }] } },
  })
  if (found === null) throw notFound('playlist')
  // The deletion of a track may have left a gap.
  return loadEntries(
    db,
    looking,
    found.entries.map((row, index) => ({ ...row, index })),
  )
}

export async function loadEntries(
  db: Database,
  { publicUrl, viewer }: Looking,
  rows: EntryRow[],
): Promise<z.output<typeof playlistTracks>> {
  const tracks = await loadTracks(db, publicUrl, viewer, [...new Set(rows.map(({ trackId }) => trackId))])
  const results = rows.flatMap(({ trackId, index, createdAt }) => {
    const track = tracks.get(trackId)
    return track === undefined ? [] : [{ track, index, creation_date: createdAt }]
  })
  return { count: results.length, results }
}

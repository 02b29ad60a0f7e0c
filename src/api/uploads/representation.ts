import type { Database } from '../../db/database.ts'
import type { Library, Upload } from '../../db/generated/client.ts'
import { fileNameOf } from '../catalogue/file-name.ts'
import { showLibraries } from '../libraries/representation.ts'
import { loadTracks } from '../tracks/load.ts'
import type { TrackOnWire } from '../tracks/schemas.ts'
import type { Viewer } from '../viewer.ts'
import type { UploadOnWire } from './schemas.ts'

export type UploadRow = Upload & { library: Library }

interface Looking {
  publicUrl: string
  viewer: Viewer
}

/** Uploads as this viewer is shown them, in as many statements for many as for one. */
export async function showUploads(
  db: Database,
  { publicUrl, viewer }: Looking,
  rows: readonly UploadRow[],
): Promise<UploadOnWire[]> {
  const libraryRows = new Map(rows.map(({ library }) => [library.id, library]))
  const trackIds = new Set(rows.flatMap(({ trackId }) => trackId ?? []))
  const [libraries, tracks] = await Promise.all([
    showLibraries(db, publicUrl, [...libraryRows.values()]),
    loadTracks(db, publicUrl, viewer, [...trackIds]),
  ])
  return rows.flatMap((row) => {
    const library = libraries.get(row.libraryId)
    if (library === undefined) return []
    return [{ ...represent(row, tracks.get(row.trackId ?? 0)), library }]
  })
}

function represent(row: UploadRow, track: TrackOnWire | undefined): Omit<UploadOnWire, 'library'> {
  return {
    uuid: row.uuid,
    ...(track !== undefined && { filename: fileNameOf(track, row.extension ?? '') }),
    creation_date: row.createdAt,
    mimetype: row.mimetype,
    track: track ?? null,
    duration: row.duration,
    bitrate: row.bitrate,
    size: row.size === null ? null : Number(row.size),
    import_date: row.importedAt,
    import_status: row.importStatus,
    import_details: objectOf(row.importDetails),
    import_metadata: objectOf(row.importMetadata),
    import_reference: row.importReference,
    metadata: {},
    source: row.source,
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

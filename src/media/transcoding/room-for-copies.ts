import type { Database } from '../../db/database.ts'
import type { MediaFiles } from '../media-files.ts'

/** What copies of one person's files may take at least; beyond it, as much as the files themselves. */
const allowedBytes = 4_000_000_000

/**
 * Forgets copies of one person's files, those first that nobody has asked for the longest, until the others take no more
 * than they may: an hour of silence is a small upload, and a large copy in every format.
 * @param uploadId one of that person's
 */
export async function keepCopiesFew(
  { db, media }: { db: Database; media: MediaFiles },
  uploadId: number,
  { allowed = allowedBytes }: { allowed?: number } = {},
): Promise<void> {
  const gone = await db.$queryRaw<{ fileKey: string }[]>`
    WITH own AS (
      SELECT u.id, u.size FROM uploads u JOIN libraries l ON l.id = u.library_id WHERE l.owner_id =
        (SELECT o.owner_id FROM libraries o JOIN uploads x ON x.library_id = o.id WHERE x.id = ${uploadId})
    ), newest AS (
      SELECT f.id, sum(f.size) OVER (ORDER BY f.accessed_at DESC, f.id DESC) AS together
      FROM transcoded_files f JOIN own ON own.id = f.upload_id
    )
    DELETE FROM transcoded_files f USING newest
    WHERE f.id = newest.id AND newest.together > GREATEST(${allowed}::bigint, (SELECT sum(size) FROM own))
    RETURNING f.file_key AS "fileKey"`
  for (const { fileKey } of gone) await media.remove(fileKey)
}

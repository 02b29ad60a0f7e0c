import { createHash } from 'node:crypto'
import type { DatabaseClient } from '../db/database.ts'
import { inBatches } from '../maintenance/batches.ts'
import { dayMs, minuteMs, type Round } from '../maintenance/maintenance.ts'
import type { MediaFiles } from './media-files.ts'
import type { PictureFiles } from './picture-files.ts'

interface Files {
  media: MediaFiles
  pictures: PictureFiles
}

/** A file comes before its row, so a young one may still get one. */
const youngMs = dayMs
const evictedAtOnce = 100

/** Removes copies that nobody has asked for lately. @returns how many */
export function evictTranscodedFiles(
  db: DatabaseClient,
  media: MediaFiles,
  { keptMinutes, ...round }: Round & { keptMinutes: number },
): Promise<number> {
  const before = new Date(round.now.getTime() - keptMinutes * minuteMs)
  return inBatches(round, async () => {
    const gone = await db.$queryRaw<{ fileKey: string }[]>`
      DELETE FROM transcoded_files WHERE accessed_at < ${before} AND id IN
        (SELECT id FROM transcoded_files WHERE accessed_at < ${before} ORDER BY accessed_at LIMIT ${evictedAtOnce})
      RETURNING file_key AS "fileKey"`
    for (const { fileKey } of gone) await media.remove(fileKey)
    return gone.length
  })
}

/**
 * Removes files whose rows are gone, or never came: what a crash leaves behind, and the files of deleted accounts.
 * Nothing is touched in a folder that another database has filled.
 * @returns how many
 */
export async function removeOrphanFiles(
  db: DatabaseClient,
  { media, pictures }: Files,
  { podKey, ...round }: Round & { podKey: Uint8Array },
): Promise<number> {
  if (!(await media.belongsTo(nameOf(podKey)))) return 0
  const isOld = ({ storedAt }: { storedAt: Date }) => round.now.getTime() - storedAt.getTime() > youngMs
  let removed = 0
  for await (const files of media.list()) {
    if (!round.goOn()) return removed
    removed += await removeUnknown(
      files.filter(isOld).map(({ fileKey }) => fileKey),
      knownAudio(db),
      media,
    )
  }
  for await (const files of pictures.list()) {
    if (!round.goOn()) return removed
    removed += await removeUnknown(
      files.filter(isOld).map(({ uuid }) => uuid),
      knownPictures(db),
      pictures,
    )
  }
  return removed
}

async function removeUnknown(
  names: string[],
  known: (names: string[]) => Promise<{ name: string }[]>,
  files: { remove(name: string): Promise<void> },
): Promise<number> {
  if (names.length === 0) return 0
  const found = new Set((await known(names)).map(({ name }) => name))
  const orphans = names.filter((name) => !found.has(name))
  for (const name of orphans) await files.remove(name)
  return orphans.length
}

function knownAudio(db: DatabaseClient) {
  return (keys: string[]) => db.$queryRaw<{ name: string }[]>`
    SELECT file_key AS name FROM uploads WHERE file_key = ANY(${keys})
    UNION ALL SELECT file_key FROM transcoded_files WHERE file_key = ANY(${keys})`
}

function knownPictures(db: DatabaseClient) {
  return (uuids: string[]) => db.$queryRaw<{ name: string }[]>`
    SELECT uuid::text AS name FROM attachments WHERE uuid = ANY(${uuids}::uuid[])`
}

/** The same for all pods on one database, and no secret. */
function nameOf(podKey: Uint8Array): string {
  return createHash('sha256').update('media folder').update(podKey).digest('base64url')
}

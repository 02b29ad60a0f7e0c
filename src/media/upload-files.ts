import pLimit from 'p-limit'
import type { Database } from '../db/database.ts'
import type { Prisma } from '../db/generated/client.ts'
import type { MediaFiles } from './media-files.ts'

const removedAtOnce = 8

/** Keys of the files of these uploads and of their transcoded copies: to be read before the rows go. */
export async function filesOf(db: Database, uploads: Prisma.UploadWhereInput): Promise<string[]> {
  const [own, transcoded] = await Promise.all([
    db.upload.findMany({ where: { AND: [uploads, { fileKey: { not: null } }] }, select: { fileKey: true } }),
    db.transcodedFile.findMany({ where: { upload: uploads }, select: { fileKey: true } }),
  ])
  return [...own, ...transcoded].flatMap(({ fileKey }) => fileKey ?? [])
}

/** Once their rows are gone. What a crash leaves behind, maintenance removes. */
export async function removeFiles(media: MediaFiles, fileKeys: readonly string[]): Promise<void> {
  const limit = pLimit(removedAtOnce)
  await limit.map(fileKeys, (fileKey) => media.remove(fileKey))
}

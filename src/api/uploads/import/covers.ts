import { randomUUID } from 'node:crypto'
import type { Database } from '../../../db/database.ts'
import { Problem } from '../../../lib/problem.ts'
import type { FilePicture } from '../../../media/audio/audio-file.ts'
import type { PictureFiles } from '../../../media/picture-files.ts'
import { mimetypeOf, readPicture } from '../../../media/pictures.ts'

/** A picture whose files are on the disk, and whose row is not written yet. */
export interface KeptPicture {
  uuid: string
  mimetype: string
  size: number
}

/** Undefined = it is not a picture; music without a cover is better than no music. */
export async function keepPicture(
  pictures: PictureFiles,
  { bytes }: Pick<FilePicture, 'bytes'>,
): Promise<KeptPicture | undefined> {
  const picture = await readPicture(bytes, 'file').catch((error: unknown) => {
    if (error instanceof Problem && error.kind === 'invalid') return undefined
    throw error
  })
  if (picture === undefined) return undefined
  const uuid = randomUUID()
  await pictures.keep(uuid, picture)
  return { uuid, mimetype: mimetypeOf(picture.format), size: picture.versions.original.length }
}

/** Gives an album its cover, if it has none. @returns whether it did */
export async function coverAlbum(
  tx: Database,
  albumId: number,
  { ownerId, now, ...picture }: KeptPicture & { ownerId: number; now: Date },
): Promise<boolean> {
  if ((await tx.album.count({ where: { id: albumId, coverId: null } })) === 0) return false
  const { id } = await tx.attachment.create({ data: { ...picture, ownerId, createdAt: now } })
  await tx.album.update({ where: { id: albumId }, data: { coverId: id } })
  return true
}

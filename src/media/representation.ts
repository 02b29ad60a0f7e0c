import { z } from 'zod'
import type { Attachment } from '../db/generated/client.ts'
import { plainText, writeMoment, writtenMoment } from '../http/wire.ts'
import { picturePath } from './picture-files.ts'
import { formatOf, type PictureVersion } from './pictures.ts'

/** A picture as the wire has it; `source` is for pictures of other pods. */
export const attachment = z.object({
  uuid: plainText,
  size: z.number().int(),
  mimetype: z.string(),
  creation_date: writtenMoment,
  urls: z.object({
    source: z.string().nullable(),
    original: plainText,
    medium_square_crop: plainText,
    large_square_crop: plainText,
  }),
})

/** What is shown of a picture. */
export type PictureRow = Pick<Attachment, 'uuid' | 'size' | 'mimetype'> & {
  /** Or the JSON of it. */
  createdAt: Date | string
}

export function representAttachment(row: PictureRow, publicUrl: string): z.output<typeof attachment> {
  return {
    uuid: row.uuid,
    size: row.size,
    mimetype: row.mimetype,
    creation_date: writeMoment(row.createdAt),
    urls: {
      source: null,
      original: attachmentUrl(row, 'original', publicUrl),
      medium_square_crop: attachmentUrl(row, 'medium_square_crop', publicUrl),
      large_square_crop: attachmentUrl(row, 'large_square_crop', publicUrl),
    },
  }
}

export function attachmentUrl(
  { uuid, mimetype }: Pick<Attachment, 'uuid' | 'mimetype'>,
  version: PictureVersion,
  publicUrl: string,
): string {
  return publicUrl + picturePath(uuid, version, formatOf(mimetype) ?? 'png')
}

import type { Database } from '../../db/database.ts'
import type { Prisma } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import { isUuid } from '../../media/picture-files.ts'
import { playableUploads, type Viewer } from '../viewer.ts'

const shown = {
  id: true,
  fileKey: true,
  mimetype: true,
  extension: true,
  bitrate: true,
  duration: true,
  track: {
    select: { id: true, title: true, artist: { select: { name: true } }, album: { select: { title: true } } },
  },
} as const satisfies Prisma.UploadSelect

type Row = Prisma.UploadGetPayload<{ select: typeof shown }>

/** An upload that somebody may listen to. */
export type PlayableFile = Row & { fileKey: string; track: NonNullable<Row['track']> }

/**
 * The upload that was asked for, else the oldest one of the track that the viewer may play.
 * @throws Problem `not_found`, whatever the reason
 */
export async function findPlayableFile(
  db: Database,
  viewer: Viewer,
  { track, upload }: { track: string; upload?: string | undefined },
): Promise<PlayableFile> {
  if (!isUuid(track) || (upload !== undefined && !isUuid(upload))) throw notFound('track')
  const row = await db.upload.findFirst({
    where: {
      ...playableUploads(viewer),
      track: { uuid: track },
      fileKey: { not: null },
      ...(upload && { uuid: upload }),
    },
    orderBy: { id: 'asc' },
    select: shown,
  })
  if (row?.track == null || row.fileKey === null) throw notFound('playable upload')
  return { ...row, fileKey: row.fileKey, track: row.track }
}

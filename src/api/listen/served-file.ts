import type { TranscodedFile } from '../../db/generated/client.ts'
import type { Representation } from '../../http/partial-content.ts'
import { notFound } from '../../lib/problem.ts'
import { isAudioExtension, mimetypeOfAudio } from '../../media/audio/formats.ts'
import type { MediaFiles } from '../../media/media-files.ts'
import type { Target } from '../../media/transcoding/targets.ts'
import type { PlayableFile } from './playable-file.ts'

/** What goes over the wire: the upload itself or a copy of it. */
export interface ServedFile extends Representation {
  fileKey: string
  mimetype: string
  extension: string
  transcodedId: number | undefined
}

/** @throws Problem `not_found` when the file is missing */
export async function uploadedFile(media: MediaFiles, file: PlayableFile): Promise<ServedFile> {
  const extension = file.extension ?? ''
  const mimetype = isAudioExtension(extension) ? mimetypeOfAudio(extension) : 'application/octet-stream'
  return { ...(await factsOf(media, file.fileKey)), mimetype, extension, transcodedId: undefined }
}

export async function transcodedFile(
  media: MediaFiles,
  { mimetype, format }: Target,
  copy: TranscodedFile | undefined,
): Promise<ServedFile | undefined> {
  if (copy === undefined) return undefined
  return { ...(await factsOf(media, copy.fileKey)), mimetype, extension: format, transcodedId: copy.id }
}

/** A key names the same bytes as long as it names any, so it makes a strong validator. */
async function factsOf(media: MediaFiles, fileKey: string) {
  const facts = await media.stat(fileKey)
  if (facts === undefined || facts.size === 0) throw notFound('media file')
  return { fileKey, size: facts.size, lastModified: facts.storedAt, etag: `"${fileKey}"` }
}

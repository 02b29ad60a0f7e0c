import type { z } from 'zod'
import { Problem } from '../../lib/problem.ts'
import type { AudioFile } from '../../media/audio/audio-file.ts'
import { UnreadableAudio } from '../../media/audio/audio-reader.ts'
import type { Services } from '../../services.ts'
import { unknownAlbum } from './import/track-metadata.ts'
import type { fileMetadata } from './schemas.ts'
import { findOwnUpload, type OwnUpload } from './uploads.ts'

type FileMetadata = z.output<typeof fileMetadata>

/**
 * What the file of one's upload says of itself.
 * @throws Problem `not_found`, `unreadable`
 */
export async function readFileMetadata(
  { db, media, audio }: Pick<Services, 'db' | 'media' | 'audio'>,
  own: OwnUpload,
): Promise<FileMetadata> {
  const { fileKey } = await findOwnUpload(db, own)
  const read = (path: string) => audio.read(path)
  const file = fileKey === null ? undefined : await media.withLocalFile(fileKey, read).catch(unreadable)
  if (file === undefined) throw new Problem('unreadable', 'The file of this upload is missing.')
  return representFile(file)
}

function unreadable(cause: unknown): never {
  if (!(cause instanceof UnreadableAudio)) throw cause
  throw new Problem('unreadable', 'The file of this upload cannot be read.', { cause })
}

export function representFile({ tags, picture }: AudioFile): FileMetadata {
  const cover = picture && {
    mimetype: picture.mimetype,
    content: Buffer.from(picture.bytes).toString('base64'),
    description: picture.description,
    type: picture.type,
  }
  return {
    ...present({
      title: tags.title,
      position: tags.position,
      disc_number: tags.discNumber,
      copyright: tags.copyright,
      license: tags.license,
      mbid: tags.mbid,
    }),
    ...(tags.tags.length > 0 && { tags: tags.tags }),
    ...(tags.comment !== undefined && { description: { text: tags.comment, content_type: 'text/plain' } }),
    ...(tags.artists.length > 0 && { artists: tags.artists }),
    album: {
      title: tags.album ?? unknownAlbum,
      mbid: tags.albumMbid,
      release_date: tags.releaseDate,
      artists: tags.albumArtists.length > 0 ? tags.albumArtists : tags.artists,
      cover_data: cover ?? null,
    },
  }
}

/** Without what is not there. */
function present<Fields extends object>(fields: Fields) {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(there) as { [Name in keyof Fields]?: NonNullable<Fields[Name]> }
}

import { cutText } from '../../../lib/text.ts'
import type { ArtistTag } from '../../../media/audio/artist-tags.ts'
import type { AudioFile } from '../../../media/audio/audio-file.ts'
import type { StoredImportMetadata } from '../schemas.ts'
import { licenseIn } from './license-in.ts'

/** What music without an album is filed under. */
export const unknownAlbum = '[Unknown Album]'

/** All that is to be known to put a file into the catalogue. */
export interface TrackMetadata {
  title: string
  /** Whom the track is credited to. */
  artist: ArtistTag
  album: {
    title: string
    artist: ArtistTag
    mbid: string | null
    /** YYYY-MM-DD */
    releaseDate: string | null
  }
  position: number | null
  discNumber: number | null
  mbid: string | null
  copyright: string | null
  /** Code of a known license. */
  license: string | null
  description: string | null
  tags: string[]
}

/** What the catalogue needs is not there; messages by field. */
export class IncompleteMetadata extends Error {
  readonly fields: Record<string, string[]>

  constructor(fields: Record<string, string[]>) {
    super('The metadata is incomplete.')
    this.name = 'IncompleteMetadata'
    this.fields = fields
  }
}

/**
 * What a file says, and in its place what its sender says.
 * @throws IncompleteMetadata
 */
export function mergeMetadata(
  { tags: file }: Pick<AudioFile, 'tags'>,
  given: StoredImportMetadata,
  { isMbidRequired }: { isMbidRequired: boolean },
): TrackMetadata {
  const title = given.title ?? file.title
  const [first, second] = file.artists
  const mbid = or(given.mbid, file.mbid)
  if (title === undefined || first === undefined || (isMbidRequired && mbid === null)) {
    throw new IncompleteMetadata({
      ...(title === undefined && { title: [required] }),
      ...(first === undefined && { artists: [required] }),
      ...(isMbidRequired &&
        mbid === null && { mbid: ['Only content tagged with a MusicBrainz ID is permitted here.'] }),
    })
  }
  const copyright = or(given.copyright, file.copyright) ?? null
  return {
    title: cutText(title, 255),
    // Who is named second is featured, and the track is theirs; the album stays with the first.
    artist: second ?? first,
    album: {
      title: file.album === undefined ? unknownAlbum : cutText(file.album, 255),
      artist: file.albumArtists[0] ?? first,
      mbid: file.albumMbid,
      releaseDate: file.releaseDate,
    },
    position: or(given.position, file.position),
    discNumber: file.discNumber,
    mbid,
    copyright,
    license: or(given.license, licenseIn([file.license, copyright ?? undefined]) ?? null),
    description: or(given.description, file.comment) ?? null,
    tags: given.tags ?? file.tags,
  }
}

const required = 'This field is required.'

/** Null is something that was said. */
function or<Value>(given: Value | null | undefined, otherwise: Value): Value | null {
  return given === undefined ? otherwise : given
}

import type { IAudioMetadata, IPicture } from 'music-metadata'
import { cutText } from '../../lib/text.ts'
import type { AudioExtension } from './formats.ts'
import { type FileTags, readTags } from './tags.ts'

/** What a file says of itself. */
export interface AudioFile {
  extension: AudioExtension
  /** Seconds. */
  duration: number | null
  /** Bits per second. */
  bitrate: number | null
  tags: FileTags
  /** The front cover, or another picture if there is none. */
  picture: FilePicture | undefined
}

export interface FilePicture {
  mimetype: string
  description: string
  /** As ID3 numbers them: 3 = the front cover, 0 = other. */
  type: number
  bytes: Uint8Array
}

/** Undefined = this is in none of the formats that the pod takes. */
export function describeAudio(parsed: IAudioMetadata): AudioFile | undefined {
  const { format, common } = parsed
  const extension = extensionOf(format)
  if (extension === undefined) return undefined
  return {
    extension,
    duration: whole(format.duration),
    bitrate: whole(format.bitrate),
    tags: readTags(parsed),
    picture: choosePicture(common.picture ?? []),
  }
}

function extensionOf({ container = '', codec = '' }: IAudioMetadata['format']): AudioExtension | undefined {
  if (container === 'FLAC') return 'flac'
  if (container === 'Ogg') return ({ Opus: 'opus', FLAC: 'flac' } as const)[codec] ?? oggVorbis(codec)
  if (container === 'MPEG') return 'mp3'
  if (container.startsWith('ADTS')) return 'aac'
  if (container.startsWith('AIFF')) return 'aiff'
  return /^(M4A|M4B|mp4\d|isom|dash|iso\d)/.test(container) ? 'm4a' : undefined
}

function oggVorbis(codec: string): AudioExtension | undefined {
  return codec.startsWith('Vorbis') ? 'ogg' : undefined
}

function whole(number: number | undefined): number | null {
  return number === undefined || !Number.isFinite(number) ? null : Math.min(Math.round(number), 2 ** 31 - 1)
}

const frontCover = 'Cover (front)'
/** Bytes; a picture goes from thread to thread and, as text, over the wire. */
const largestPicture = 16_000_000
const longestDescription = 255

function choosePicture(pictures: IPicture[]): FilePicture | undefined {
  const fitting = pictures.filter(({ data }) => data.length <= largestPicture)
  // MP4 has one kind of picture, without a name.
  const front = fitting.find(({ type = frontCover }) => type === frontCover)
  const chosen = front ?? fitting.find(({ type }) => type === 'Other')
  if (chosen === undefined) return undefined
  const { format, description = '', data } = chosen
  const texts = {
    mimetype: cutText(format, longestDescription),
    description: cutText(description, longestDescription),
  }
  return { ...texts, type: chosen === front ? 3 : 0, bytes: data }
}

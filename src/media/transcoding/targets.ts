import { type AudioExtension, isAudioExtension, mimetypeOfAudio } from '../audio/formats.ts'

/** What a listener asks for. */
export interface Wish {
  /** Extension of the format. */
  to?: string | undefined
  /** Bits per second. */
  maxBitrate?: number | undefined
}

/** What is to be made of a file. */
export interface Target {
  format: TargetFormat
  mimetype: string
  /** Bits per second; undefined for formats that lose nothing. */
  bitrate: number | undefined
}

interface Source {
  mimetype: string | null
  /** Bits per second. */
  bitrate: number | null
}

/** The formats that files are converted to; the others are names or wrappers of these. */
export type TargetFormat = 'aiff' | 'flac' | 'm4a' | 'mp3' | 'ogg' | 'opus'

const usualBitrate = 320_000

/** The encoders refuse less. */
const lowestBitrates: Record<TargetFormat, number | undefined> = {
  aiff: undefined,
  flac: undefined,
  m4a: 16_000,
  mp3: 32_000,
  ogg: 48_000,
  opus: 6_000,
}

/** Undefined = the file is served as it is: it is what is wished for, or the wish is for nothing that is known. */
export function chooseTarget(source: Source, { to, maxBitrate }: Wish): Target | undefined {
  const format = otherFormat(source, to)
  const isTooLarge = maxBitrate !== undefined && source.bitrate !== null && source.bitrate > maxBitrate
  if (format !== undefined) return target(format, source, maxBitrate)
  const stored = formatOf(source.mimetype)
  // A format that loses nothing cannot be made smaller without becoming another one, which nobody asked for.
  if (!isTooLarge || stored === undefined || lowestBitrates[stored] === undefined) return undefined
  return target(stored, source, maxBitrate)
}

function otherFormat({ mimetype }: Source, to: string | undefined): TargetFormat | undefined {
  if (to === undefined || !isAudioExtension(to) || mimetype === null) return undefined
  return mimetypeOfAudio(to) === mimetype ? undefined : plainFormat(to)
}

function plainFormat(extension: AudioExtension): TargetFormat {
  if (extension === 'aac') return 'm4a'
  return extension === 'aif' ? 'aiff' : extension
}

const formats = Object.keys(lowestBitrates) as TargetFormat[]

function formatOf(mimetype: string | null): TargetFormat | undefined {
  return formats.find((format) => mimetypeOfAudio(format) === mimetype)
}

/** Never above the source. */
function target(format: TargetFormat, { bitrate }: Source, maxBitrate: number | undefined): Target {
  const lowest = lowestBitrates[format]
  const wanted = Math.min(maxBitrate ?? usualBitrate, bitrate ?? usualBitrate)
  const mimetype = mimetypeOfAudio(format)
  return { format, mimetype, bitrate: lowest === undefined ? undefined : Math.max(lowest, wanted) }
}

/** What the pod takes and serves, by extension. */
const mimetypes = {
  aac: 'audio/x-m4a',
  aif: 'audio/x-aiff',
  aiff: 'audio/x-aiff',
  flac: 'audio/flac',
  m4a: 'audio/x-m4a',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/opus',
} as const

export type AudioExtension = keyof typeof mimetypes

export function isAudioExtension(text: string): text is AudioExtension {
  return Object.hasOwn(mimetypes, text)
}

export function mimetypeOfAudio(extension: AudioExtension): string {
  return mimetypes[extension]
}

/** So much of a file's beginning tells its format. */
export const tellingBytes = 64

/** Undefined = none of the formats that the pod takes, or not to be told from the beginning. */
export function recogniseAudio(beginning: Uint8Array): AudioExtension | undefined {
  const text = Buffer.from(beginning).toString('latin1')
  if (text.startsWith('fLaC')) return 'flac'
  if (text.startsWith('OggS')) return recogniseOgg(text)
  if (text.slice(4, 8) === 'ftyp') return 'm4a'
  if (/^FORM.{4}AIF[FC]/s.test(text)) return 'aiff'
  const [first = 0, second = 0] = beginning
  if (text.startsWith('ID3')) return 'mp3'
  if (first !== 0xff) return undefined
  if ((second & 0xf6) === 0xf0) return 'aac'
  return (second & 0xe0) === 0xe0 ? 'mp3' : undefined
}

function recogniseOgg(text: string): AudioExtension | undefined {
  if (text.includes('OpusHead')) return 'opus'
  if (text.includes('\x7fFLAC')) return 'flac'
  return text.includes('vorbis') ? 'ogg' : undefined
}

import { cutText } from '../../lib/text.ts'

export interface ArtistTag {
  name: string
  /** MusicBrainz artist. */
  mbid: string | null
}

interface ArtistFields {
  /** All of them as one text, for people to read. */
  name: string | undefined
  /** A tag that lists them. */
  names: readonly string[]
  mbids: readonly string[] | undefined
}

const separators = [';', ',']
/** What is made of files is shown in lists; no work has more people in it than a choir. */
const mostArtists = 100

/**
 * The artists that a file names. A name is split only where the file itself says that there are several: by a tag that lists
 * them, or by several MusicBrainz ids. Earth, Wind & Fire are one.
 */
export function splitArtists({ name, names, mbids = [] }: ArtistFields): ArtistTag[] {
  const ids = splitIds(mbids)
  const all = namesOf({ name, names, several: ids.length > 1 })
  return all.map((one, index) => ({ name: one, mbid: readMbid(ids[index]) }))
}

/** A field with a slash is a spelling of joint works that tells nothing of who is who. */
function splitIds(mbids: readonly string[]): string[] {
  if (mbids.some((mbid) => mbid.includes('/'))) return []
  return mbids.length > 1 ? [...mbids] : splitAtFirst(mbids[0] ?? '')
}

function namesOf({ name, names, several }: { name: string | undefined; names: readonly string[]; several: boolean }) {
  if (names.length > 1) return clean(names)
  const [listed = ''] = names
  if (listed.trim() !== '') return splitAtFirst(listed)
  return several ? splitAtFirst(name ?? '') : clean([name ?? ''])
}

/** Splits at the separator that the text uses. */
function splitAtFirst(text: string): string[] {
  const separator = separators.find((one) => text.includes(one))
  return clean(separator === undefined ? [text] : text.split(separator))
}

function clean(names: readonly string[]): string[] {
  return names
    .slice(0, mostArtists)
    .map((name) => cutText(name.trim(), 255))
    .filter((name) => name !== '')
}

/** Null = not the id of anything at MusicBrainz. */
export function readMbid(text: string | undefined): string | null {
  const mbid = text?.trim().toLowerCase() ?? ''
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(mbid) ? mbid : null
}

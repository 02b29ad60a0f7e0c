import type { IAudioMetadata } from 'music-metadata'
import { cutText } from '../../lib/text.ts'
import { type ArtistTag, readMbid, splitArtists } from './artist-tags.ts'
import { readPartialDate } from './partial-date.ts'
import { tagNamesIn } from './tag-names.ts'

/** The tags of a file that matter here, whatever its format calls them. */
export interface FileTags {
  title: string | undefined
  artists: ArtistTag[]
  album: string | undefined
  albumArtists: ArtistTag[]
  albumMbid: string | null
  /** YYYY-MM-DD */
  releaseDate: string | null
  position: number | null
  discNumber: number | null
  /** MusicBrainz recording. */
  mbid: string | null
  copyright: string | undefined
  /** As the file says it: mostly an address. */
  license: string | undefined
  comment: string | undefined
  /** Names of tags, from the genres. */
  tags: string[]
}

/** What the formats call what is looked up by their own names. */
const names = {
  artists: ['TXXX:ARTISTS', 'ARTISTS', '----:com.apple.iTunes:ARTISTS'],
  position: ['TRCK', 'TRK', 'TRACKNUMBER', 'trkn'],
  disc: ['TPOS', 'TPA', 'DISCNUMBER', 'disk'],
}

const unstorable = /(?![\n\r\t])[\p{Cc}\p{Cs}]/gu

const longestText = 500
const longestComment = 5000
/** A tag that lists artists. */
const longestList = 5000

export function readTags(parsed: IAudioMetadata): FileTags {
  const { common } = parsed
  const named = native(parsed, names.artists).flatMap((text) => readText(text, longestList) ?? [])
  return {
    title: readText(common.title),
    artists: splitArtists({ name: readText(common.artist), names: named, mbids: common.musicbrainz_artistid }),
    album: readText(common.album),
    albumArtists: splitArtists({
      name: readText(common.albumartist),
      names: [],
      mbids: common.musicbrainz_albumartistid,
    }),
    albumMbid: readMbid(common.musicbrainz_albumid),
    releaseDate: readPartialDate(common.date ?? common.year?.toString()),
    position: readNumber(native(parsed, names.position)[0]),
    discNumber: readNumber(native(parsed, names.disc)[0]),
    mbid: readMbid(common.musicbrainz_recordingid),
    copyright: readText(common.copyright),
    license: readText(common.license),
    comment: readText(common.comment?.find(({ text }) => text)?.text, longestComment),
    tags: tagNamesIn(common.genre ?? []),
  }
}

/** Values that a file has under one of these names. */
function native(parsed: IAudioMetadata, ids: string[]): string[] {
  const wanted = new Set(ids.map((id) => id.toUpperCase()))
  const all = Object.values(parsed.native).flat()
  return all.filter(({ id }) => wanted.has(id.toUpperCase())).map(({ value }) => String(value))
}

/** Undefined = empty. */
function readText(text: string | undefined, longest = longestText): string | undefined {
  return cutText(text?.replace(unstorable, ' ') ?? '', longest).trim() || undefined
}

/** `1/12` is 1, what is less than 1 is 1, what is no number is null. */
function readNumber(text: string | undefined): number | null {
  const match = /^\s*(-?\d{1,6})\s*(\/|$)/.exec(text ?? '')
  return match?.[1] === undefined ? null : Math.max(1, Number(match[1]))
}

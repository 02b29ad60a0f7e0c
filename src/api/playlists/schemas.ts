import { z } from 'zod'
import { pageQuery } from '../../http/pagination.ts'
import { givenRowId } from '../../http/row-ids.ts'
import { moment, yesOrNo } from '../../http/wire.ts'
import { Problem } from '../../lib/problem.ts'
import { findUnstorable } from '../../lib/text.ts'
import { actor, userBasic } from '../actors/schemas.ts'
import { rowIdFilter, textFilter, yesNoFilter } from '../listing/parameters.ts'
import { track } from '../tracks/schemas.ts'

const givenName = z
  .string()
  .trim()
  .min(1)
  .max(50)
  .refine((text) => findUnstorable(text) === undefined, 'Control characters are not allowed.')

const privacyLevel = z.enum(['me', 'followers', 'instance', 'everyone'])

/** POST and PUT */
export const newPlaylist = z.object({ name: givenName, privacy_level: privacyLevel.optional() })

/** PATCH */
export const playlistChanges = newPlaylist.partial()

/** In a form, a list of one is a single value. */
const givenTracks = z.preprocess(
  (value) => (value === undefined || value === null || Array.isArray(value) ? value : [value]),
  z.array(givenRowId),
)

export const newEntries = z.object({ tracks: givenTracks, allow_duplicates: yesOrNo.optional() })

export const removedEntry = z.object({ index: z.unknown().optional() })

export const movedEntry = z.object({ from: z.unknown().optional(), to: z.unknown().optional() })

/**
 * A position as a number or its digits.
 * @throws Problem `malformed`
 */
export function readPosition(name: string, value: unknown): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Problem('malformed', `"${name}" must be a position, counted from 0.`)
}

export const playlistQuery = pageQuery.extend({
  ordering: textFilter,
  scope: textFilter,
  q: textFilter,
  name: textFilter,
  name__icontains: textFilter,
  playable: yesNoFilter,
  track: rowIdFilter,
  album: rowIdFilter,
  artist: rowIdFilter,
})

export const playlist = z.object({
  id: z.number().int(),
  name: z.string(),
  user: userBasic,
  modification_date: moment,
  creation_date: moment,
  privacy_level: z.string(),
  tracks_count: z.number().int(),
  album_covers: z.array(z.string()),
  duration: z.number().int(),
  is_playable: z.boolean(),
  actor: actor.nullable(),
})

export type PlaylistOnWire = z.output<typeof playlist>

export const playlistTrack = z.object({ track, index: z.number().int(), creation_date: moment })

/** All at once, without pages. */
export const playlistTracks = z.object({ count: z.number().int(), results: z.array(playlistTrack) })

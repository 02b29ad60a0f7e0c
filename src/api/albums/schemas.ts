import { z } from 'zod'
import { plainText, writtenMoment } from '../../http/wire.ts'
import { attachment } from '../../media/representation.ts'
import { actor } from '../actors/schemas.ts'
import { simpleArtist } from '../artists/schemas.ts'
import { content } from '../content.ts'

/** An album inside of a track. */
export const trackAlbum = z.object({
  id: z.number().int(),
  fid: plainText,
  mbid: z.string().nullable(),
  title: z.string(),
  artist: simpleArtist,
  /** YYYY-MM-DD */
  release_date: z.string().nullable(),
  cover: attachment.nullable(),
  creation_date: writtenMoment,
  is_local: z.boolean(),
  tracks_count: z.number().int(),
})

export const album = trackAlbum.extend({
  is_playable: z.boolean(),
  tags: z.array(z.string()),
  attributed_to: actor.nullable(),
  /** Seconds of all tracks that the viewer may play. */
  duration: z.number().int(),
})

export type AlbumOnWire = z.output<typeof album>

export const albumDetail = album.extend({ description: content.nullable() })

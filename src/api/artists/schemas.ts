import { z } from 'zod'
import { plainText, writtenMoment } from '../../http/wire.ts'
import { attachment } from '../../media/representation.ts'
import { actor } from '../actors/schemas.ts'
import { content } from '../content.ts'

const artistFields = {
  id: z.number().int(),
  fid: plainText,
  mbid: z.string().nullable(),
  name: z.string(),
  creation_date: writtenMoment,
  is_local: z.boolean(),
  content_category: z.string(),
}

/** An artist inside of albums and tracks. */
export const simpleArtist = z.object({
  ...artistFields,
  modification_date: writtenMoment,
  description: content.nullable(),
  attachment_cover: attachment.nullable(),
  channel: z.null(),
})

const artistAlbum = z.object({
  id: z.number().int(),
  fid: plainText,
  mbid: z.string().nullable(),
  title: z.string(),
  artist: z.number().int(),
  release_date: z.string().nullable(),
  creation_date: writtenMoment,
  cover: attachment.nullable(),
  is_playable: z.boolean(),
  is_local: z.boolean(),
  tracks_count: z.number().int(),
})

export const artist = z.object({
  ...artistFields,
  tags: z.array(z.string()),
  attributed_to: actor.nullable(),
  channel: z.null(),
  tracks_count: z.number().int(),
  cover: attachment.nullable(),
  albums: z.array(artistAlbum),
})

export type ArtistOnWire = z.output<typeof artist>

export const artistDetail = artist.extend({ description: content.nullable() })

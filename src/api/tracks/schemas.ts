import { z } from 'zod'
import { plainText, writtenMoment } from '../../http/wire.ts'
import { attachment } from '../../media/representation.ts'
import { actor } from '../actors/schemas.ts'
import { trackAlbum } from '../albums/schemas.ts'
import { simpleArtist } from '../artists/schemas.ts'
import { content } from '../content.ts'

/** A file of a track that its viewer may play. */
const trackUpload = z.object({
  uuid: plainText,
  listen_url: plainText,
  /** Bytes. */
  size: z.number().int().nullable(),
  /** Seconds. */
  duration: z.number().int().nullable(),
  /** Bits per second. */
  bitrate: z.number().int().nullable(),
  mimetype: z.string().nullable(),
  extension: z.string().nullable(),
  is_local: z.boolean(),
})

export const track = z.object({
  id: z.number().int(),
  fid: plainText,
  mbid: z.string().nullable(),
  title: z.string(),
  artist: simpleArtist,
  album: trackAlbum.nullable(),
  position: z.number().int().nullable(),
  disc_number: z.number().int().nullable(),
  creation_date: writtenMoment,
  copyright: z.string().nullable(),
  license: z.string().nullable(),
  tags: z.array(z.string()),
  cover: attachment.nullable(),
  attributed_to: actor.nullable(),
  is_local: z.boolean(),
  is_playable: z.boolean(),
  downloads_count: z.number().int(),
  listen_url: plainText,
  uploads: z.array(trackUpload),
})

export type TrackOnWire = z.output<typeof track>

export const trackDetail = track.extend({ description: content.nullable() })

import { z } from 'zod'
import { writtenMoment } from '../../http/wire.ts'
import { attachment } from '../../media/representation.ts'
import { content } from '../content.ts'

/** A user as the author or owner of something. */
export const actor = z.object({
  fid: z.string(),
  url: z.string().nullable(),
  creation_date: writtenMoment,
  summary: z.string().nullable(),
  preferred_username: z.string(),
  name: z.string().nullable(),
  last_fetch_date: writtenMoment,
  domain: z.string(),
  type: z.string(),
  manually_approves_followers: z.boolean().nullable(),
  full_username: z.string(),
  is_local: z.boolean(),
})

/** A user as one who listens. */
export const userBasic = z.object({
  id: z.number().int(),
  username: z.string(),
  name: z.string(),
  date_joined: writtenMoment,
  avatar: attachment.nullable(),
})

/** By itself, with what others show elsewhere. */
export const actorDetail = actor.omit({ summary: true }).extend({
  is_channel: z.literal(false),
  user: userBasic.nullable(),
  summary: content.nullable(),
  icon: attachment.nullable(),
})

import { z } from 'zod'
import { moment } from '../../http/wire.ts'

const field = z.object({ name: z.string(), value: z.string(), verified_at: moment.nullable() })

const role = z.object({
  id: z.string(),
  name: z.string(),
  color: z.string(),
  /** A decimal bit mask. */
  permissions: z.string(),
  highlighted: z.boolean(),
})

/** Somebody with an account, as clients of Mastodon know people. */
export const account = z.object({
  id: z.string(),
  username: z.string(),
  acct: z.string(),
  display_name: z.string(),
  locked: z.boolean(),
  bot: z.boolean(),
  group: z.boolean(),
  discoverable: z.boolean(),
  indexable: z.boolean(),
  created_at: moment,
  /** HTML. */
  note: z.string(),
  url: z.string(),
  uri: z.string(),
  avatar: z.string(),
  avatar_static: z.string(),
  header: z.string(),
  header_static: z.string(),
  followers_count: z.number().int(),
  following_count: z.number().int(),
  statuses_count: z.number().int(),
  /** A day. */
  last_status_at: z.string().nullable(),
  emojis: z.array(z.never()),
  fields: z.array(field),
  roles: z.array(role.omit({ permissions: true, highlighted: true })),
})

/** What people are told of their own account besides. */
export const ownAccount = account.extend({
  source: z.object({
    /** As it was written. */
    note: z.string(),
    fields: z.array(field),
    privacy: z.enum(['public', 'unlisted', 'private', 'direct']),
    sensitive: z.boolean(),
    language: z.string().nullable(),
    follow_requests_count: z.number().int(),
  }),
  role,
})

/** Claims about the user (OpenID Connect Core §5.1), less the e-mail address. */
export const userInfo = z.object({
  iss: z.string(),
  sub: z.string(),
  name: z.string(),
  preferred_username: z.string(),
  profile: z.string(),
  picture: z.string(),
})

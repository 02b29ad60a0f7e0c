import { z } from 'zod'
import { moment } from '../../http/wire.ts'

const megabytes = z.number()

/** The user behind a request, as that user sees it. */
export const ownProfile = z.object({
  id: z.number().int(),
  username: z.string(),
  full_username: z.string(),
  name: z.string(),
  email: z.string(),
  is_staff: z.boolean(),
  is_superuser: z.boolean(),
  permissions: z.object({ library: z.boolean(), moderation: z.boolean(), settings: z.boolean() }),
  date_joined: moment,
  privacy_level: z.string(),
  avatar: z.null(),
  quota_status: z.object({
    max: megabytes,
    remaining: megabytes,
    current: megabytes,
    draft: megabytes,
    skipped: megabytes,
    pending: megabytes,
    finished: megabytes,
    errored: megabytes,
  }),
  instance_support_message_display_date: moment.nullable(),
  funkwhale_support_message_display_date: moment.nullable(),
  summary: z.object({ text: z.string(), content_type: z.string(), html: z.string() }).nullable(),
  tokens: z.object({ listen: z.string().optional() }),
  settings: z.record(z.string(), z.unknown()).nullable(),
})

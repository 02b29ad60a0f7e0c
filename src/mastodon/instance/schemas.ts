import { z } from 'zod'

const count = z.number().int()
const texts = z.array(z.string())

const rule = z.object({ id: z.string(), text: z.string(), hint: z.string() })

/** Limits of what clients may post; all zero where nothing can be posted. */
const configuration = z.object({
  accounts: z.object({ max_featured_tags: count }),
  statuses: z.object({ max_characters: count, max_media_attachments: count, characters_reserved_per_url: count }),
  media_attachments: z.object({
    supported_mime_types: texts,
    image_size_limit: count,
    image_matrix_limit: count,
    video_size_limit: count,
    video_frame_rate_limit: count,
    video_matrix_limit: count,
  }),
  polls: z.object({
    max_options: count,
    max_characters_per_option: count,
    min_expiration: count,
    max_expiration: count,
  }),
})

/** GET /api/v1/instance */
export const instanceV1 = z.object({
  uri: z.string(),
  title: z.string(),
  short_description: z.string(),
  /** HTML. */
  description: z.string(),
  email: z.string(),
  version: z.string(),
  urls: z.object({ streaming_api: z.null() }),
  stats: z.object({ user_count: count, status_count: count, domain_count: count }),
  thumbnail: z.string().nullable(),
  languages: texts,
  registrations: z.boolean(),
  approval_required: z.boolean(),
  invites_enabled: z.boolean(),
  configuration,
  rules: z.array(rule),
})

/** GET /api/v2/instance */
export const instanceV2 = z.object({
  domain: z.string(),
  title: z.string(),
  version: z.string(),
  source_url: z.string(),
  description: z.string(),
  usage: z.object({ users: z.object({ active_month: count }) }),
  thumbnail: z.object({ url: z.string() }),
  languages: texts,
  configuration: configuration.extend({
    urls: z.object({ streaming: z.null() }),
    translation: z.object({ enabled: z.boolean() }),
    vapid: z.object({ public_key: z.string() }),
  }),
  registrations: z.object({ enabled: z.boolean(), approval_required: z.boolean(), message: z.string().nullable() }),
  contact: z.object({ email: z.string(), account: z.null() }),
  rules: z.array(rule),
  api_versions: z.object({ mastodon: count }),
})

import { z } from 'zod'
import { givenMoment, moment, orJsonText } from '../../http/wire.ts'
import { richTextTypes } from '../../lib/rich-text.ts'
import { findUnstorable } from '../../lib/text.ts'
import { attachment } from '../../media/representation.ts'

const megabytes = z.number()

const privacyLevels = ['me', 'followers', 'instance', 'everyone'] as const

const longestSummary = 5000

/** What somebody wrote, and how it is shown. */
const richText = z.object({ text: z.string(), content_type: z.enum(richTextTypes), html: z.string() })

const shownProfile = z.object({
  name: z.string(),
  privacy_level: z.string(),
  avatar: attachment.nullable(),
  instance_support_message_display_date: moment.nullable(),
  funkwhale_support_message_display_date: moment.nullable(),
  summary: richText.nullable(),
})

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
  avatar: shownProfile.shape.avatar,
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
  summary: shownProfile.shape.summary,
  tokens: z.object({ listen: z.string().optional() }),
  settings: z.record(z.string(), z.unknown()).nullable(),
})

/** The answer to a change. */
export const changedProfile = shownProfile

/** An empty text takes the summary away, as null does. */
const givenSummary = orJsonText(
  z.object({ text: z.string().max(longestSummary).nullable(), content_type: z.enum(richTextTypes) }).nullable(),
)

/** In a form, null is an empty field. */
const givenDate = z.preprocess((value) => (value === '' ? null : value), givenMoment.nullable())

/** PATCH */
export const profileChanges = z.object({
  name: z
    .string()
    .trim()
    .max(255)
    .refine((text) => findUnstorable(text) === undefined, 'Control characters are not allowed.')
    .optional(),
  privacy_level: z.enum(privacyLevels).optional(),
  avatar: z.guid({ error: 'Must be a valid UUID.' }).toLowerCase().optional(),
  summary: givenSummary.optional(),
  instance_support_message_display_date: givenDate.optional(),
  funkwhale_support_message_display_date: givenDate.optional(),
})

/** PUT */
export const profileReplacement = profileChanges.required({ avatar: true })

export const profilePath = z.object({ username: z.string() })

/** Whatever a client wants to remember for its user. */
export const clientSettings = z.record(z.string(), z.unknown())

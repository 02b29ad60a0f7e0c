import { z } from 'zod'
import { moment } from '../../http/wire.ts'
import { line } from '../../oauth/clients/schemas.ts'

/** Text with blanks between the items, or a list. */
const listOrText = z
  .union([z.string().max(4096), z.array(z.string().max(4096)).max(100)])
  .nullish()
  .transform((given) => given ?? [])

const website = z.preprocess(
  (given) => (given === null || (typeof given === 'string' && given.trim() === '') ? undefined : given),
  z
    .url({ protocol: /^https?$/, error: 'Not a valid URL: it must start with http:// or https://.' })
    .max(2000)
    .optional(),
)

/** `grant_types` is of RFC 7591, `scope` what clients send by mistake. */
export const newApp = z.object({
  client_name: line(255),
  redirect_uris: listOrText,
  scopes: listOrText,
  scope: listOrText,
  grant_types: listOrText,
  website,
})

export const app = z.object({
  id: z.string(),
  name: z.string(),
  website: z.string().nullable(),
  scopes: z.array(z.string()),
  redirect_uris: z.array(z.string()),
  redirect_uri: z.string(),
  created_at: moment,
})

/** The one answer that shows the secret. */
export const registeredApp = app.extend({
  client_id: z.string(),
  client_secret: z.string(),
  client_secret_expires_at: z.literal(0),
})

import { z } from 'zod'

/** One parameter: given at most once, and absent when empty (RFC 6749 §3.2), which JSON may write as null. */
export const parameter = z.preprocess((value, context) => {
  if (!Array.isArray(value)) return value === '' || value === null ? undefined : value
  context.addIssue({ code: 'custom', message: 'Given more than once.' })
  return z.NEVER
}, z.string().optional())

const clientAuthentication = { client_id: parameter, client_secret: parameter }

export const tokenRequest = z.object({
  grant_type: parameter,
  code: parameter,
  redirect_uri: parameter,
  code_verifier: parameter,
  refresh_token: parameter,
  device_code: parameter,
  scope: parameter,
  ...clientAuthentication,
})

/** RFC 6749 §5.1; `created_at` in UNIX seconds is what clients of the Mastodon API look for. */
export const tokenResponse = z.object({
  access_token: z.string(),
  expires_in: z.number().int().optional(),
  token_type: z.literal('Bearer'),
  scope: z.string(),
  refresh_token: z.string().optional(),
  created_at: z.number().int(),
})

/** RFC 7009 §2.1 and RFC 7662 §2.1; a wrong hint changes nothing. */
export const tokenToJudge = z.object({ token: parameter, token_type_hint: parameter, ...clientAuthentication })

/** RFC 7662 §2.2. */
export const introspection = z.object({
  active: z.boolean(),
  client_id: z.string().optional(),
  username: z.string().optional(),
  scope: z.string().optional(),
  token_type: z.literal('Bearer').optional(),
  exp: z.number().int().optional(),
  iat: z.number().int().optional(),
  sub: z.string().optional(),
  iss: z.string().optional(),
})

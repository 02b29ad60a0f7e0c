import { z } from 'zod'

/** How the caller stands in one scope. All numbers are null where there is no limit. Times are UNIX seconds. */
const scopeStatus = z.object({
  id: z.string(),
  rate: z.string().nullable(),
  description: z.string(),
  limit: z.number().int().nullable(),
  duration: z.number().int().nullable(),
  remaining: z.number().int().nullable(),
  available: z.number().int().nullable(),
  available_seconds: z.number().int().nullable(),
  reset: z.number().int().nullable(),
  reset_seconds: z.number().int().nullable(),
})

export const rateLimitStatus = z.object({
  enabled: z.boolean(),
  ident: z.object({ type: z.enum(['anonymous', 'authenticated']), id: z.string() }),
  scopes: z.array(scopeStatus),
})

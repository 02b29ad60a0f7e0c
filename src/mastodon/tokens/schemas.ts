import { z } from 'zod'
import { moment } from '../../http/wire.ts'

/** What people are told of a token; what is not known, or is not there, is left out. */
export const tokenInfo = z.object({
  id: z.string(),
  created_at: moment,
  last_used: moment.optional(),
  expires_at: moment.optional(),
  scope: z.string(),
  application: z.object({ name: z.string(), website: z.string().optional() }),
})

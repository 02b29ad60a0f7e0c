import { z } from 'zod'
import { moment } from '../../http/wire.ts'

const activity = z.object({
  type: z.enum(['Listen', 'Like']),
  id: z.string(),
  local_id: z.number().int(),
  published: moment,
  actor: z.object({ id: z.string(), local_id: z.string(), name: z.string(), type: z.string() }),
  object: z.object({
    id: z.string(),
    local_id: z.number().int(),
    name: z.string(),
    type: z.string(),
    artist: z.string(),
    album: z.string().nullable(),
  }),
})

export type ActivityOnWire = z.output<typeof activity>

export const activities = z.object({ results: z.array(activity) })

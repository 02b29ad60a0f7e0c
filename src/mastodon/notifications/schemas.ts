import { z } from 'zod'
import { moment } from '../../http/wire.ts'
import { account } from '../accounts/schemas.ts'

/** Something that somebody did and the user is told of. */
export const notification = z.object({
  /** Sorts with time. */
  id: z.string(),
  /** One of Mastodon's names, or a dotted one of ours, which its clients pass over. */
  type: z.string(),
  group_key: z.string(),
  created_at: moment,
  /** Who did it. */
  account,
})

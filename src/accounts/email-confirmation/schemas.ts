import { z } from 'zod'

export const confirmationKey = z.object({ key: z.string().min(1).max(300) })

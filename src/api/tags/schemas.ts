import { z } from 'zod'
import { moment } from '../../http/wire.ts'

export const tag = z.object({ name: z.string(), creation_date: moment })

import { z } from 'zod'
import { pageQuery } from '../../http/pagination.ts'
import { moment } from '../../http/wire.ts'

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value)

const yesNo = z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] })

export const invitationQuery = pageQuery.extend({
  q: z.preprocess(lastOf, z.string().max(200).optional()),
  is_open: z.preprocess(lastOf, z.union([z.literal(''), yesNo]).optional()),
})

export const newInvitation = z.object({
  code: z
    .string()
    .trim()
    .max(50)
    .regex(/^[\x21-\x7e]*$/, 'Use letters, digits and signs, without blanks.')
    .nullish(),
})

export const invitationAction = z.object({
  action: z.literal('delete'),
  objects: z.union([z.literal('all'), z.array(z.number().int().min(1).max(2_147_483_647)).max(1000)]),
  filters: z.object({ q: z.string().max(200).optional(), is_open: z.boolean().optional() }).optional(),
})

const person = z.object({
  id: z.number().int(),
  username: z.string(),
  email: z.string(),
  name: z.string(),
  is_active: z.boolean(),
  is_staff: z.boolean(),
  is_superuser: z.boolean(),
  date_joined: moment,
  last_activity: moment.nullable(),
  privacy_level: z.string(),
})

export const invitation = z.object({
  id: z.number().int(),
  owner: person.nullable(),
  invited_user: z.number().int().nullable(),
  code: z.string(),
  expiration_date: moment,
  creation_date: moment,
  users: z.array(person),
})

export const actionResult = z.object({ updated: z.number().int(), action: z.string(), result: z.null() })

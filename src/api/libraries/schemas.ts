import { z } from 'zod'
import { pageQuery } from '../../http/pagination.ts'
import { moment } from '../../http/wire.ts'
import { findUnstorable } from '../../lib/text.ts'
import { actor } from '../actors/schemas.ts'
import { choiceFilter, textFilter } from '../listing/parameters.ts'

const privacyLevels = ['me', 'instance', 'everyone'] as const

/** An empty field of a form is none. */
const givenDescription = z
  .string()
  .max(5000)
  .nullable()
  .transform((text) => text || null)

/** POST and PUT */
export const newLibrary = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .refine((text) => findUnstorable(text) === undefined, 'Control characters are not allowed.'),
  description: givenDescription.optional(),
  privacy_level: z.enum(privacyLevels).optional(),
})

/** PATCH */
export const libraryChanges = newLibrary.partial()

export const libraryQuery = pageQuery.extend({
  q: textFilter,
  privacy_level: choiceFilter(privacyLevels),
  scope: textFilter,
  ordering: textFilter,
})

export const library = z.object({
  uuid: z.string(),
  fid: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  privacy_level: z.string(),
  uploads_count: z.number().int(),
  /** Bytes. */
  size: z.number().int(),
  creation_date: moment,
  actor,
})

export type LibraryOnWire = z.output<typeof library>

import { z } from 'zod'
import { moment } from '../../http/wire.ts'
import { actor } from '../actors/schemas.ts'
import { library } from '../libraries/schemas.ts'

/** A library as those see it who may follow it; nobody does. */
export const publicLibrary = library.omit({ size: true }).extend({ follow: z.null(), latest_scan: z.null() })

export type PublicLibraryOnWire = z.output<typeof publicLibrary>

/** Somebody's wish to hear what is in a library. */
export const libraryFollow = z.object({
  uuid: z.string(),
  creation_date: moment,
  actor,
  target: publicLibrary,
  approved: z.boolean().nullable(),
})

/** What became of the wish to look at a library of another pod. */
export const scan = z.object({ status: z.literal('skipped') })

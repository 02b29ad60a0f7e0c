import { z } from 'zod'
import { library } from '../libraries/schemas.ts'

/** A library as those see it who may follow it; nobody does. */
export const publicLibrary = library.omit({ size: true }).extend({ follow: z.null(), latest_scan: z.null() })

export type PublicLibraryOnWire = z.output<typeof publicLibrary>

/** What became of the wish to look at a library of another pod. */
export const scan = z.object({ status: z.literal('skipped') })

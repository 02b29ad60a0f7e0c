import { z } from 'zod'
import { givenRowId } from '../../http/row-ids.ts'
import { moment } from '../../http/wire.ts'
import { trackEventQuery } from '../listeners/schemas.ts'
import { textFilter } from '../listing/parameters.ts'

export const newFavorite = z.object({ track: givenRowId })

/** Whatever is no id is answered like a track that is no favorite. */
export const removedFavorite = z.object({ track: z.unknown().optional() })

export const addedFavorite = z.object({ id: z.number().int(), track: z.number().int(), creation_date: moment })

export const ownFavorites = z.object({
  results: z.array(z.object({ id: z.number().int(), track: z.number().int() })),
  count: z.number().int(),
})

export const favoriteQuery = trackEventQuery.extend({ q: textFilter })

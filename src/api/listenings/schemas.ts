import { z } from 'zod'
import { givenRowId } from '../../http/row-ids.ts'
import { givenMoment, moment } from '../../http/wire.ts'
import { trackEventQuery } from '../listeners/schemas.ts'
import { textFilter } from '../listing/parameters.ts'

/** In a form, an empty date is none. */
const givenWhen = z.preprocess((value) => (value === '' ? undefined : value), givenMoment.optional())

export const newListening = z.object({ track: givenRowId, creation_date: givenWhen })

export const addedListening = z.object({
  id: z.number().int(),
  user: z.number().int(),
  track: z.number().int(),
  creation_date: moment,
})

export const listeningQuery = trackEventQuery.extend({ username: textFilter, domain: textFilter })

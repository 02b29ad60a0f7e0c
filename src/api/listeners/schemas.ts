import { z } from 'zod'
import { pageQuery } from '../../http/pagination.ts'
import { writtenMoment } from '../../http/wire.ts'
import { actor, userBasic } from '../actors/schemas.ts'
import { textFilter, yesNoFilter } from '../listing/parameters.ts'
import { track } from '../tracks/schemas.ts'

/** A favorite or a listening: who, which track, and when. */
export const trackEvent = z.object({
  id: z.number().int(),
  user: userBasic,
  track,
  creation_date: writtenMoment,
  actor: actor.nullable(),
})

/** What lists of both can be asked. */
export const trackEventQuery = pageQuery.extend({ ordering: textFilter, scope: textFilter, hidden: yesNoFilter })

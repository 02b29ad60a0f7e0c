import { z } from 'zod'
import { album } from '../albums/schemas.ts'
import { artist } from '../artists/schemas.ts'
import { textFilter } from '../listing/parameters.ts'
import { tag } from '../tags/schemas.ts'
import { track } from '../tracks/schemas.ts'

/** `query` comes first. */
export const searchQuery = z.object({ q: textFilter, query: textFilter })

export const searchResults = z.object({
  artists: z.array(artist),
  albums: z.array(album),
  tracks: z.array(track),
  tags: z.array(tag),
})

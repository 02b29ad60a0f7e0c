import type { Routes } from '../../services.ts'
import { viewerOf } from '../viewer.ts'
import { searchQuery, searchResults } from './schemas.ts'
import { search } from './search.ts'

/** /api/v1/search */
export const searchRoutes: Routes = async (app, { services }) => {
  app.get(
    '/',
    {
      config: { access: { scope: 'read:libraries', anonymous: 'setting' }, throttle: 'wildcard' },
      schema: { summary: 'Search the catalogue', querystring: searchQuery, response: { 200: searchResults } },
    },
    async (request) => search(services, viewerOf(request), request.query.query ?? request.query.q ?? ''),
  )
}

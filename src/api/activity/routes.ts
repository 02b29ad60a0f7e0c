import type { Routes } from '../../services.ts'
import { viewerOf } from '../viewer.ts'
import { listActivity } from './activity.ts'
import { activities } from './schemas.ts'

/** /api/v1/activity */
export const activityRoutes: Routes = async (app, { services: { db, config } }) => {
  app.get(
    '/',
    {
      config: { access: 'reader', throttle: 'list' },
      schema: { summary: 'Show what people have listened to and liked lately', response: { 200: activities } },
    },
    async (request) => {
      const looking = { publicUrl: config.publicUrl, viewer: viewerOf(request) }
      const scopes = request.principal.kind === 'user' ? request.principal.scopes : undefined
      const own = {
        listenings: scopes?.has('read:listenings') ?? false,
        favorites: scopes?.has('read:favorites') ?? false,
      }
      return { results: await listActivity(db, looking, own) }
    },
  )
}

import { signListenToken } from '../../access/listen-tokens.ts'
import { userOf } from '../../access/principal.ts'
import type { Routes } from '../../services.ts'
import { findUser } from '../users.ts'
import { representOwnProfile } from './representation.ts'
import { ownProfile } from './schemas.ts'

/** /api/v1/users */
export const profileRoutes: Routes = async (app, { services: { db, config, podSecrets } }) => {
  const domain = new URL(config.publicUrl).host

  app.get(
    '/me',
    {
      config: { access: { scope: 'read:profile' }, throttle: 'wildcard' },
      schema: { summary: 'Who is calling', response: { 200: ownProfile } },
    },
    async (request, reply) => {
      const { userId, scopes } = userOf(request)
      const user = await findUser(db, userId)
      const mayListen = scopes.has('read:libraries')
      const listenToken = mayListen ? signListenToken(podSecrets.listen, user, new Date()) : undefined
      return reply.header('cache-control', 'no-store').send(representOwnProfile(user, { domain, listenToken }))
    },
  )
}

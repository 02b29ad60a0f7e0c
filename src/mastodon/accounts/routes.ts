import { userOf } from '../../access/principal.ts'
import { findProfile } from '../../accounts/profile/profile.ts'
import { assetAddresses } from '../../http/assets.ts'
import { issuerOf } from '../../oauth/issuer.ts'
import type { Routes } from '../../services.ts'
import { representOwnAccount, representUserInfo } from './representation.ts'
import { ownAccount, userInfo } from './schemas.ts'

/** /api/v1/accounts */
export const accountRoutes: Routes = async (app, { services: { db, config } }) => {
  const surroundings = { publicUrl: config.publicUrl, assets: assetAddresses() }

  app.get(
    '/verify_credentials',
    {
      config: { access: { scope: 'profile' }, throttle: 'wildcard' },
      schema: { summary: 'Who is calling, for clients of Mastodon', response: { 200: ownAccount } },
    },
    async (request, reply) => {
      const user = await findProfile(db, userOf(request).userId)
      return reply.header('cache-control', 'no-store').send(representOwnAccount(user, surroundings))
    },
  )
}

/** /oauth/userinfo (OpenID Connect Core §5.3): either method, and no e-mail address. */
export const userInfoRoutes: Routes = async (app, { services: { db, config } }) => {
  const { publicUrl } = config
  const surroundings = { publicUrl, issuer: issuerOf(publicUrl), assets: assetAddresses() }

  app.route({
    method: ['GET', 'POST'],
    url: '/userinfo',
    config: { access: { scope: 'profile' }, throttle: 'wildcard' },
    schema: { summary: 'Claims about who is calling', response: { 200: userInfo } },
    handler: async (request, reply) => {
      const user = await findProfile(db, userOf(request).userId)
      return reply.header('cache-control', 'no-store').send(representUserInfo(user, surroundings))
    },
  })
}

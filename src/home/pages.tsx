import { isRegistrationOpen } from '../accounts/signup/sign-up.ts'
import { endpointsOf } from '../oauth/metadata/endpoints.ts'
import type { Routes } from '../services.ts'
import { HomePage } from './views.tsx'

/** / */
export const homePages: Routes = async (app, { services }) => {
  const { config, pages } = services
  const { publicUrl } = config
  const known = endpointsOf(publicUrl)
  const endpoints = {
    metadata: `${publicUrl}/.well-known/oauth-authorization-server`,
    registration: `${publicUrl}/api/v1/oauth/apps`,
    authorization: known.authorization_endpoint,
    token: known.token_endpoint,
    deviceAuthorization: known.device_authorization_endpoint,
  }

  app.get('/', { config: { access: 'public', throttle: 'wildcard' } }, async (request, reply) => {
    const page = pages.context(request, reply)
    return pages.send(reply, <HomePage page={page} endpoints={endpoints} maySignUp={isRegistrationOpen(services)} />)
  })
}

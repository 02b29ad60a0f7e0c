import type { FastifyRequest } from 'fastify'
import { noStore } from '../../http/oauth-errors.ts'
import { clientOf, registerClient } from '../../oauth/clients/clients.ts'
import type { Routes } from '../../services.ts'
import { readNewApp } from './apps.ts'
import { representApp, representRegisteredApp } from './representation.ts'
import { app as appEntity, newApp, registeredApp } from './schemas.ts'

/** /api/v1/apps: what clients of Mastodon register themselves as. */
export const appRoutes: Routes = async (app, { services: { db, config } }) => {
  app.post(
    '/',
    {
      config: { access: 'public', throttle: 'mastodon-app', anyBearer: true },
      schema: { summary: 'Register an app', body: newApp, response: { 200: registeredApp } },
      preValidation: async (request) => dropBrackets(request.body),
    },
    async (request, reply) => {
      const app = readNewApp(request.body, { allowHttp: config.allowHttpRedirectUris })
      const registered = await registerClient(db, { ...app, ...ownership(request) })
      return noStore(reply).send(representRegisteredApp(registered))
    },
  )

  app.get(
    '/verify_credentials',
    {
      config: { access: 'token', throttle: 'retrieve' },
      schema: { summary: 'Show the app that a token belongs to', response: { 200: appEntity } },
    },
    async (request) => representApp(await clientOf(db, request.principal)),
  )
}

/** An app is its user's if they may manage apps by this token; else it is nobody's. */
function ownership({ principal }: FastifyRequest): { ownerId?: number } {
  const manages = principal.kind === 'user' && principal.scopes.has('write:applications')
  return manages ? { ownerId: principal.userId } : {}
}

const lists = ['redirect_uris', 'scopes', 'grant_types']

/** In a form, the name of a list may end in brackets. */
function dropBrackets(body: unknown): void {
  if (body === null || typeof body !== 'object') return
  for (const name of lists) {
    if (!Object.hasOwn(body, name) && Object.hasOwn(body, `${name}[]`))
      Reflect.set(body, name, Reflect.get(body, `${name}[]`))
  }
}

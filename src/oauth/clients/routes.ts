import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { mayGive, parseScopeNames } from '../../access/scopes.ts'
import { noStore } from '../../http/oauth-errors.ts'
import { pageOf, pageQuery, readPage, representPage } from '../../http/pagination.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import {
  defaultGrantTypes,
  deleteClient,
  findClient,
  findOwnClient,
  listOwnClients,
  readRedirectUris,
  registerClient,
  renewApplicationToken,
  updateClient,
} from './clients.ts'
import { representClient, representOwnedClient, representRegistered } from './representation.ts'
import {
  changedClient,
  clientPath,
  newClient,
  ownedClient,
  publicClient,
  registeredClient,
  replacedClient,
} from './schemas.ts'

/** /api/v1/oauth/apps */
export const clientRoutes: Routes = async (app, { services: { db, config, trail } }) => {
  const allowHttp = config.allowHttpRedirectUris

  app.post(
    '/',
    {
      config: { access: 'public', throttle: 'oauth-app' },
      schema: { summary: 'Register a client', body: newClient, response: { 201: registeredClient } },
    },
    async (request, reply) => {
      const { name, redirect_uris, scopes } = request.body
      const names = parseScopeNames(scopes)
      const ownerId = ownerOf(request, names)
      const registered = await registerClient(db, {
        name,
        redirectUris: readRedirectUris(redirect_uris, { allowHttp }),
        scopes: names,
        grantTypes: defaultGrantTypes,
        origin: 'funkwhale',
        ...(ownerId !== undefined && { ownerId }),
      })
      if (ownerId !== undefined) trail.record(request, { userId: ownerId, kind: 'client-created', client: name })
      return noStore(reply).code(201).send(representRegistered(registered))
    },
  )

  app.get(
    '/',
    {
      config: { access: { scope: 'read:security' }, throttle: 'list' },
      schema: { summary: 'List your own clients', querystring: pageQuery, response: { 200: pageOf(publicClient) } },
    },
    async (request, reply) => {
      const page = readPage(request.query)
      const { count, clients } = await listOwnClients(db, userOf(request).userId, page)
      const address = { publicUrl: config.publicUrl, url: request.url }
      return noStore(reply).send(representPage({ page, count, ...address }, clients.map(representClient)))
    },
  )

  app.get(
    '/:client_id',
    {
      config: { access: 'public', throttle: 'retrieve' },
      schema: {
        summary: 'Show a client',
        params: clientPath,
        response: { 200: z.union([ownedClient, publicClient]) },
      },
    },
    async (request, reply) => {
      const client = await findClient(db, request.params.client_id)
      const isOwner = mayReadOwn(request) && client.ownerId === userOf(request).userId
      return noStore(reply).send(isOwner ? representOwnedClient({ client }) : representClient(client))
    },
  )

  for (const [method, summary, body] of [
    ['PATCH', 'Change your client', changedClient] as const,
    ['PUT', 'Replace your client', replacedClient] as const,
  ]) {
    app.route({
      method,
      url: '/:client_id',
      config: { access: { scope: 'write:security' }, throttle: 'update' },
      schema: { summary, params: clientPath, body, response: { 200: ownedClient } },
      handler: async (request, reply) => {
        const change = changes(request.body as z.output<typeof changedClient>, allowHttp)
        if (change.scopes !== undefined) refuseMore(request, change.scopes)
        const client = await updateClient(db, ownClient(request), change)
        return noStore(reply).send(representOwnedClient({ client }))
      },
    })
  }

  app.delete(
    '/:client_id',
    {
      config: { access: { scope: 'write:security' }, throttle: 'destroy' },
      schema: {
        summary: 'Delete your client with all its tokens',
        params: clientPath,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      const { clientId, name } = await findOwnClient(db, request.params.client_id, userId)
      await deleteClient(db, clientId, userId)
      trail.record(request, { userId, kind: 'client-deleted', client: name })
      return reply.code(204).send()
    },
  )

  app.post(
    '/:client_id/refresh-token',
    {
      config: { access: { scope: 'write:security' }, throttle: 'wildcard' },
      schema: { summary: 'Renew your application token', params: clientPath, response: { 200: ownedClient } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      refuseMore(request, (await findOwnClient(db, request.params.client_id, userId)).scopes)
      const renewed = await renewApplicationToken(db, request.params.client_id, userId)
      trail.record(request, { userId, kind: 'application-token-renewed', client: renewed.client.name })
      return noStore(reply).send(representOwnedClient(renewed))
    },
  )
}

/**
 * Who registers while allowed to manage clients owns the client; an OAuth access token never is (RFC 9700 §2.3), nor an
 * application token that would get more than it has.
 */
function ownerOf({ principal }: FastifyRequest, scopes: string[]): number | undefined {
  if (principal.kind !== 'user' || !principal.scopes.has('write:security')) return undefined
  return principal.credential === 'session' || mayGive(principal.scopes, scopes) ? principal.userId : undefined
}

/** @throws Problem `forbidden` when an application token would make one that may more than itself */
function refuseMore(request: FastifyRequest, scopes: string[]): void {
  const { credential, scopes: held } = userOf(request)
  if (credential === 'session' || mayGive(held, scopes)) return
  throw new Problem('forbidden', 'An application token cannot give an application more than it has itself.')
}

function mayReadOwn({ principal }: FastifyRequest): boolean {
  return principal.kind === 'user' && principal.scopes.has('read:security')
}

function ownClient(request: FastifyRequest<{ Params: z.output<typeof clientPath> }>) {
  return { clientId: request.params.client_id, ownerId: userOf(request).userId }
}

function changes(body: z.output<typeof changedClient>, allowHttp: boolean) {
  return {
    ...(body.name !== undefined && { name: body.name }),
    ...(body.redirect_uris !== undefined && { redirectUris: readRedirectUris(body.redirect_uris, { allowHttp }) }),
    ...(body.scopes !== undefined && { scopes: parseScopeNames(body.scopes) }),
  }
}

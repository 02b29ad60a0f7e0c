import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { permissionRows } from '../../access/permission-rows.ts'
import { type UserPrincipal, userOf } from '../../access/principal.ts'
import { isLeaf } from '../../access/scope-catalogue.ts'
import { shortDate, shortMoment } from '../../http/dates.ts'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { choiceRows } from '../authorization/chosen-scopes.ts'
import { clientPath } from '../clients/schemas.ts'
import { findGrant, type GrantWithUse, listGrants, narrowGrant, revokeAllGrants, revokeGrant } from './grants.ts'
import { countSignIns, endSignIn, listSignIns, type SignIn } from './sign-ins.ts'
import { type AuthorizedAppOnPage, AuthorizedAppPage, AuthorizedAppsPage, EndAllPage, orders } from './views.tsx'

const keptScopes = z.object({
  scopes: z.preprocess((value) => [value ?? []].flat(), z.array(z.string().max(100)).max(100)),
})

const order = z.object({ order: z.enum(orders).catch('newest') })

const ended = z.object({ sign_in: z.string().regex(/^\d{1,15}$/) })

/** /settings/authorized-apps: what a user has allowed, and the way to take it back. */
export const authorizedAppPages: Routes = async (app, { services }) => {
  const { db, pages, trail, cookies } = services

  app.get(
    '/',
    { config: { access: 'session', throttle: 'list' }, schema: { querystring: order } },
    async (request, reply) => {
      const user = userOf(request)
      await services.usage.flush()
      const grants = await listGrants(db, user.userId)
      if (request.query.order === 'used') grants.sort(byLastUse)
      const apps = grants.map((grant) => onPage(grant, user))
      const page = pages.context(request, reply)
      return pages.send(reply, <AuthorizedAppsPage page={page} apps={apps} order={request.query.order} />)
    },
  )

  app.get('/end-all', { config: { access: 'session', throttle: 'retrieve' } }, async (request, reply) => {
    const signIns = await countSignIns(db, userOf(request).userId)
    const context = { page: pages.context(request, reply), csrfToken: services.csrf.tokenFor(request, reply) }
    return pages.send(reply, <EndAllPage {...context} signIns={signIns} />)
  })

  app.post('/end-all', { config: { access: 'session', throttle: 'destroy' } }, async (request, reply) => {
    const { userId } = userOf(request)
    const grants = await listGrants(db, userId)
    await revokeAllGrants(db, userId)
    for (const { client } of grants) trail.record(request, { userId, kind: 'access-revoked', client: client.name })
    return reply.redirect('/settings/authorized-apps', 303)
  })

  app.get(
    '/:client_id',
    { config: { access: 'session', throttle: 'retrieve' }, schema: { params: clientPath } },
    async (request, reply) => sendApp(services, request.params.client_id, request, reply),
  )

  app.post(
    '/:client_id',
    { config: { access: 'session', throttle: 'update' }, schema: { params: clientPath, body: keptScopes } },
    async (request, reply) => {
      const { userId } = userOf(request)
      const clientId = request.params.client_id
      const kept = request.body.scopes.filter(isLeaf)
      if (kept.length === 0) return revoke(services, clientId, request, reply)
      const { client } = await narrowGrant(db, { userId, clientId }, kept)
      trail.record(request, { userId, kind: 'access-narrowed', client: client.name })
      showOnce(reply, cookies, { saved: 'yes' })
      return reply.redirect(`/settings/authorized-apps/${clientId}`, 303)
    },
  )

  app.post(
    '/:client_id/end',
    { config: { access: 'session', throttle: 'destroy' }, schema: { params: clientPath, body: ended } },
    async (request, reply) => {
      const { userId } = userOf(request)
      const { client, id } = await findGrant(db, userId, request.params.client_id)
      await endSignIn(db, userId, Number(request.body.sign_in))
      trail.record(request, { userId, kind: 'access-revoked', client: client.name })
      const isOver = (await listSignIns(db, id)).length === 0
      return reply.redirect(`/settings/authorized-apps${isOver ? '' : `/${client.clientId}`}`, 303)
    },
  )

  app.post(
    '/:client_id/revoke',
    { config: { access: 'session', throttle: 'destroy' }, schema: { params: clientPath } },
    async (request, reply) => revoke(services, request.params.client_id, request, reply),
  )
}

async function revoke({ db, trail }: Services, clientId: string, request: FastifyRequest, reply: FastifyReply) {
  const { userId } = userOf(request)
  const client = await revokeGrant(db, userId, clientId)
  trail.record(request, { userId, kind: 'access-revoked', client })
  return reply.redirect('/settings/authorized-apps', 303)
}

async function sendApp(services: Services, clientId: string, request: FastifyRequest, reply: FastifyReply) {
  const { db, pages, csrf, cookies } = services
  const user = userOf(request)
  const grant = await findGrant(db, user.userId, clientId)
  const signIns = await listSignIns(db, grant.id)
  const view = (
    <AuthorizedAppPage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      app={onPage(grant, user)}
      permissions={choiceRows(grant.scopes, user)}
      signIns={signIns.map(signInOnPage)}
      saved={takeShownOnce(request, reply, cookies).saved !== undefined}
    />
  )
  return pages.send(reply, view)
}

function onPage({ client, scopes, createdAt, lastUsedAt }: GrantWithUse, user: UserPrincipal): AuthorizedAppOnPage {
  const { clientId, name, website } = client
  const may = inWords(scopes, user)
  return { clientId, name, website, since: shortDate(createdAt), lastUsed: dayOf(lastUsedAt), may }
}

function signInOnPage({ id, createdAt, lastUsedAt, expiresAt }: SignIn) {
  return {
    id: String(id),
    since: shortDate(createdAt),
    lastUsed: lastUsedAt === null ? texts.settings.never : shortMoment(lastUsedAt),
    ends: expiresAt === null ? undefined : shortDate(expiresAt),
  }
}

/** Those that were never used come last. */
function byLastUse(one: GrantWithUse, other: GrantWithUse): number {
  return (other.lastUsedAt?.getTime() ?? 0) - (one.lastUsedAt?.getTime() ?? 0)
}

function dayOf(date: Date | null): string {
  return date === null ? texts.settings.never : shortDate(date)
}

function inWords(scopes: string[], user: UserPrincipal): string[] {
  return permissionRows(scopes, user.scopes).flatMap(({ topic, read, write }) => {
    const words: { see: string; change?: string } = texts.permissions[topic]
    return [read && words.see, write && words.change].filter((text) => text !== undefined)
  })
}

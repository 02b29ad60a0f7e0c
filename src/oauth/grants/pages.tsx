import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { permissionRows } from '../../access/permission-rows.ts'
import { type UserPrincipal, userOf } from '../../access/principal.ts'
import { isLeaf } from '../../access/scope-catalogue.ts'
import { shortDate } from '../../http/dates.ts'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { choiceRows } from '../authorization/chosen-scopes.ts'
import { clientPath } from '../clients/schemas.ts'
import { findGrant, type GrantWithUse, listGrants, listGrantUses, narrowGrant, revokeGrant } from './grants.ts'
import { type AuthorizedAppOnPage, AuthorizedAppPage, AuthorizedAppsPage } from './views.tsx'

const keptScopes = z.object({
  scopes: z.preprocess((value) => [value ?? []].flat(), z.array(z.string().max(100)).max(100)),
})

/** /settings/authorized-apps: what a user has allowed, and the way to take it back. */
export const authorizedAppPages: Routes = async (app, { services }) => {
  const { db, pages, trail, cookies } = services

  app.get('/', { config: { access: 'session', throttle: 'list' } }, async (request, reply) => {
    const user = userOf(request)
    const apps = (await listGrants(db, user.userId)).map((grant) => onPage(grant, user))
    return pages.send(reply, <AuthorizedAppsPage page={pages.context(request, reply)} apps={apps} />)
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
  const uses = await listGrantUses(db, grant.id)
  const view = (
    <AuthorizedAppPage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      app={onPage(grant, user)}
      permissions={choiceRows(grant.scopes, user)}
      uses={uses.map(({ createdAt, lastUsedAt }) => ({ since: shortDate(createdAt), lastUsed: dayOf(lastUsedAt) }))}
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

function dayOf(date: Date | null): string {
  return date === null ? texts.settings.never : shortDate(date)
}

function inWords(scopes: string[], user: UserPrincipal): string[] {
  return permissionRows(scopes, user.scopes).flatMap(({ topic, read, write }) => {
    const words: { see: string; change?: string } = texts.permissions[topic]
    return [read && words.see, write && words.change].filter((text) => text !== undefined)
  })
}

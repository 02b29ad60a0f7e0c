import { userOf } from '../../access/principal.ts'
import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import type { Routes } from '../../services.ts'
import { createInvitation, deleteInvitations, listInvitations } from './invitations.ts'
import { representInvitation } from './representation.ts'
import { actionResult, invitation, invitationAction, invitationQuery, newInvitation } from './schemas.ts'

/** /api/v1/manage/users/invitations */
export const invitationRoutes: Routes = async (app, { services: { db, config } }) => {
  app.get(
    '/',
    {
      config: { access: { scope: 'read:instance:invitations' }, throttle: 'list' },
      schema: { summary: 'List invitations', querystring: invitationQuery, response: { 200: pageOf(invitation) } },
    },
    async (request) => {
      const page = readPage(request.query)
      const { q, is_open: open } = request.query
      const filter = { q, isOpen: open === '' ? undefined : open }
      const { count, invitations } = await listInvitations(db, filter, { skip: page.skip, take: page.take })
      const at = { page, count, publicUrl: config.publicUrl, url: request.url }
      return representPage(at, invitations.map(representInvitation))
    },
  )

  app.post(
    '/',
    {
      config: { access: { scope: 'write:instance:invitations' }, throttle: 'create' },
      schema: { summary: 'Invite somebody', body: newInvitation, response: { 201: invitation } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      const row = await createInvitation(db, config, { code: request.body.code || undefined, ownerId: userId })
      return reply.code(201).send(representInvitation(row))
    },
  )

  app.post(
    '/action',
    {
      config: { access: { scope: 'write:instance:invitations' }, throttle: 'wildcard' },
      schema: {
        summary: 'Take back invitations that nobody has used',
        body: invitationAction,
        response: { 200: actionResult },
      },
    },
    async (request) => {
      const { action, objects, filters = {} } = request.body
      const chosen = objects === 'all' ? { q: filters.q, isOpen: filters.is_open } : { ids: objects }
      const updated = await deleteInvitations(db, chosen)
      return { updated, action, result: null }
    },
  )
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { endSession } from '../sessions.ts'
import { deleteAccount } from './deletion.ts'
import { AccountDeletedPage, DeleteAccountPage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : (value ?? '')), z.string())

const deletionForm = z.object({ password: text, confirm: text })

/** /settings/delete-account, and /goodbye for who has done it */
export const deletionPages: Routes = async (app, { services }) => {
  const { db, cookies, csrf, pages } = services

  app.get('/settings/delete-account', { config: { access: 'session', throttle: 'wildcard' } }, async (request, reply) =>
    sendForm(services, {}, request, reply),
  )

  app.post(
    '/settings/delete-account',
    { config: { access: 'session', throttle: 'password-change' }, schema: { body: deletionForm } },
    async (request, reply) => {
      const { userId } = userOf(request)
      const { password, confirm } = request.body
      if (confirm === '') return sendForm(services, { confirm: texts.deleteAccount.confirmMissing }, request, reply)
      try {
        await deleteAccount(services, { userId, password })
      } catch (error) {
        if (!(error instanceof Problem) || error.kind !== 'invalid') throw error
        return sendForm(services, { password: error.message }, request, reply)
      }
      request.log.info({ event: 'account-deleted', userId, address: request.ip }, 'Security event')
      await endSession(db, cookies, request, reply)
      csrf.rotate(reply, '')
      return reply.redirect('/goodbye', 303)
    },
  )

  app.get('/goodbye', { config: { access: 'public', throttle: 'wildcard' } }, async (request, reply) =>
    pages.send(reply, <AccountDeletedPage page={pages.context(request, reply)} />),
  )
}

function sendForm(
  { pages, csrf }: Services,
  errors: { password?: string; confirm?: string },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const context = { page: pages.context(request, reply), csrfToken: csrf.tokenFor(request, reply) }
  const status = Object.keys(errors).length === 0 ? 200 : 422
  return pages.send(reply, <DeleteAccountPage {...context} errors={errors} />, { status })
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { changePassword } from './password-change.ts'
import { PasswordChangePage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : (value ?? '')), z.string())

const passwordForm = z.object({ old_password: text, new_password1: text, new_password2: text })

/** /settings/password */
export const passwordChangePages: Routes = async (app, { services }) => {
  const { trail, cookies } = services

  app.get('/password', { config: { access: 'session', throttle: 'wildcard' } }, async (request, reply) =>
    sendForm(services, {}, request, reply),
  )

  app.post(
    '/password',
    { config: { access: 'session', throttle: 'password-change' }, schema: { body: passwordForm } },
    async (request, reply) => {
      const { userId, session } = userOf(request)
      const { old_password: oldPassword, new_password1: newPassword1, new_password2: newPassword2 } = request.body
      const passwords = { oldPassword, newPassword1, newPassword2 }
      try {
        await changePassword(services, { userId, ...passwords, sessionKey: session?.key })
      } catch (error) {
        if (!(error instanceof Problem) || error.fields === undefined) throw error
        const fields = Object.entries(error.fields).map(([field, messages]) => [
          field,
          Object.values(messages).join(' '),
        ])
        return sendForm(services, Object.fromEntries(fields), request, reply)
      }
      trail.record(request, { userId, kind: 'password-changed' })
      showOnce(reply, cookies, { saved: 'yes' })
      return reply.redirect('/settings/password', 303)
    },
  )
}

function sendForm(
  { pages, csrf, cookies }: Services,
  errors: Record<string, string>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const view = (
    <PasswordChangePage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      username={userOf(request).session?.username ?? ''}
      errors={errors}
      saved={takeShownOnce(request, reply, cookies).saved !== undefined}
    />
  )
  return pages.send(reply, view, { status: Object.keys(errors).length === 0 ? 200 : 422 })
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { findUser } from '../users.ts'
import { askEmailChange } from './email-change.ts'
import { emailAddress } from './schemas.ts'
import { EmailPage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : (value ?? '')), z.string())

const emailForm = z.object({ email: text, password: text })

/** /settings/email */
export const emailPages: Routes = async (app, { services }) => {
  app.get('/email', { config: { access: 'session', throttle: 'wildcard' } }, async (request, reply) =>
    sendForm(services, { email: '', errors: {} }, request, reply),
  )

  app.post(
    '/email',
    { config: { access: 'session', throttle: 'password-change' }, schema: { body: emailForm } },
    async (request, reply) => {
      const { email, password } = request.body
      const errors = await ask(services, request, { email: email.trim(), password })
      if (Object.keys(errors).length > 0) return sendForm(services, { email, errors }, request, reply)
      showOnce(reply, services.cookies, { sentTo: email.trim() })
      return reply.redirect('/settings/email', 303)
    },
  )
}

/** @returns what is wrong, by field */
async function ask(services: Services, request: FastifyRequest, form: { email: string; password: string }) {
  const email = emailAddress.safeParse(form.email)
  if (!email.success) return { email: texts.forms.badEmail }
  try {
    await services.sudo.require(request, { password: form.password, field: 'password' })
    const { userId } = userOf(request)
    return (await askEmailChange(services, { userId, email: email.data })) ? {} : { email: texts.emailAddress.same }
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'invalid') throw error
    return Object.fromEntries(
      Object.entries(error.fields ?? {}).map(([field, list]) => [field, [list].flat().join(' ')]),
    )
  }
}

async function sendForm(
  { db, pages, csrf, cookies, sudo }: Services,
  shown: { email: string; errors: Record<string, string> },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { email: current } = await findUser(db, userOf(request).userId)
  const view = (
    <EmailPage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      current={current}
      email={shown.email}
      errors={shown.errors}
      asksPassword={!sudo.isFresh(request)}
      sentTo={takeShownOnce(request, reply, cookies).sentTo}
    />
  )
  return pages.send(reply, view, { status: Object.keys(shown.errors).length === 0 ? 200 : 422 })
}

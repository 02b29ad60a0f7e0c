import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { emailAddress } from '../email-address/schemas.ts'
import { askForConfirmation, confirmEmail, findConfirmation } from './confirmation.ts'
import { CheckMailPage, ConfirmEmailPage, DeadConfirmationPage, EmailConfirmedPage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : (value ?? '')), z.string().max(1000))

const confirmation = z.object({ key: text })

const resendForm = z.object({ email: text })

/** /auth/email */
export const confirmationPages: Routes = async (app, { services }) => {
  const { pages, cookies, trail } = services

  app.get(
    '/confirm',
    { config: { access: 'public', throttle: 'wildcard' }, schema: { querystring: confirmation } },
    async (request, reply) => {
      if (request.query.key !== '') return sendQuestion(services, request.query.key, request, reply)
      const { mailedTo } = takeShownOnce(request, reply, cookies)
      return sendCheckMail(services, { mailedTo, email: mailedTo ?? '' }, request, reply)
    },
  )

  app.post(
    '/confirm',
    { config: { access: 'public', throttle: 'verify-email', csrf: true }, schema: { body: confirmation } },
    async (request, reply) => {
      try {
        const { userId, isChange } = await confirmEmail(services, request.body.key)
        if (isChange) trail.record(request, { userId, kind: 'email-changed' })
        return reply.redirect('/auth/email/confirmed', 303)
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.kind !== 'not_found') throw problem
        return sendDead(services, request, reply)
      }
    },
  )

  app.get('/confirmed', { config: { access: 'public', throttle: 'wildcard' } }, async (request, reply) =>
    pages.send(reply, <EmailConfirmedPage page={pages.context(request, reply)} />),
  )

  app.post(
    '/resend',
    { config: { access: 'public', throttle: 'verify-email', csrf: true }, schema: { body: resendForm } },
    async (request, reply) => {
      const email = emailAddress.safeParse(request.body.email)
      if (!email.success) {
        const shown = { mailedTo: undefined, email: request.body.email, error: texts.signUp.wrong.email }
        return sendCheckMail(services, shown, request, reply)
      }
      await askForConfirmation(services, email.data)
      showOnce(reply, cookies, { mailedTo: email.data })
      return reply.redirect('/auth/email/confirm', 303)
    },
  )
}

async function sendQuestion({ db, ...services }: Services, key: string, request: FastifyRequest, reply: FastifyReply) {
  const { pages, csrf } = services
  const found = await findConfirmation(db, key)
  if (found === undefined) return sendDead(services, request, reply)
  const shown = { confirmationKey: key, email: found.token.email, username: found.user.username }
  const page = pages.context(request, reply)
  return pages.send(reply, <ConfirmEmailPage page={page} csrfToken={csrf.tokenFor(request, reply)} {...shown} />)
}

function sendDead({ pages, csrf }: Pick<Services, 'pages' | 'csrf'>, request: FastifyRequest, reply: FastifyReply) {
  const page = pages.context(request, reply)
  const view = <DeadConfirmationPage page={page} csrfToken={csrf.tokenFor(request, reply)} email="" />
  return pages.send(reply, view, { status: 404 })
}

function sendCheckMail(
  { pages, csrf }: Services,
  shown: { mailedTo: string | undefined; email: string; error?: string },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const page = pages.context(request, reply)
  const view = <CheckMailPage page={page} csrfToken={csrf.tokenFor(request, reply)} {...shown} />
  return pages.send(reply, view, { status: shown.error === undefined ? 200 : 422 })
}

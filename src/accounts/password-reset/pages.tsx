import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { emailAddress } from '../email-address/schemas.ts'
import { askPasswordReset, findReset, type ResetLink, resetPassword } from './password-reset.ts'
import { AskResetPage, DeadResetLinkPage, ResetMailedPage, SetPasswordPage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : (value ?? '')), z.string().max(2000))

const emailForm = z.object({ email: text })

const link = z.object({ uid: text, token: text })

const newPassword = link.extend({ password: text })

/** /auth/password/reset */
export const passwordResetPages: Routes = async (app, { services }) => {
  const { pages, cookies, trail } = services

  app.get(
    '/',
    { config: { access: 'public', throttle: 'wildcard' }, schema: { querystring: emailForm } },
    async (request, reply) => sendAsking(services, { email: request.query.email }, request, reply),
  )

  app.post(
    '/',
    { config: { access: 'public', throttle: 'password-reset', csrf: true }, schema: { body: emailForm } },
    async (request, reply) => {
      const email = emailAddress.safeParse(request.body.email)
      if (!email.success) {
        const shown = { email: request.body.email, error: texts.signUp.wrong.email }
        return sendAsking(services, shown, request, reply)
      }
      await askPasswordReset(services, email.data)
      showOnce(reply, cookies, { mailedTo: email.data })
      return reply.redirect('/auth/password/reset/confirm', 303)
    },
  )

  app.get(
    '/confirm',
    { config: { access: 'public', throttle: 'wildcard' }, schema: { querystring: link } },
    async (request, reply) => {
      if (request.query.token !== '') return sendForm(services, request.query, {}, request, reply)
      const { mailedTo } = takeShownOnce(request, reply, cookies)
      return pages.send(reply, <ResetMailedPage page={pages.context(request, reply)} mailedTo={mailedTo} />)
    },
  )

  app.post(
    '/confirm',
    { config: { access: 'public', throttle: 'password-reset-confirm', csrf: true }, schema: { body: newPassword } },
    async (request, reply) => {
      const { password, ...link } = request.body
      try {
        const userId = await resetPassword(services, link, [password, password])
        trail.record(request, { userId, kind: 'password-reset' })
        showOnce(reply, cookies, { notice: 'password-reset' })
        return reply.redirect('/login', 303)
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.kind !== 'invalid') throw problem
        return sendForm(services, link, { error: problem.message }, request, reply)
      }
    },
  )
}

function sendAsking(
  { pages, csrf }: Services,
  shown: { email: string; error?: string },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const page = pages.context(request, reply)
  const view = <AskResetPage page={page} csrfToken={csrf.tokenFor(request, reply)} {...shown} />
  return pages.send(reply, view, { status: shown.error === undefined ? 200 : 422 })
}

async function sendForm(
  { db, pages, csrf, config }: Services,
  link: ResetLink,
  { error }: { error?: string },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const page = pages.context(request, reply)
  const reset = await findReset(db, link)
  if (reset === undefined) return pages.send(reply, <DeadResetLinkPage page={page} />, { status: 404 })
  const { passwordMinLength } = config
  const shown = { link, username: reset.user.username, passwordMinLength, error }
  const view = <SetPasswordPage page={page} csrfToken={csrf.tokenFor(request, reply)} {...shown} />
  return pages.send(reply, view, { status: error === undefined ? 200 : 422 })
}

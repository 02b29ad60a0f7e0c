import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { takeShownOnce } from '../../http/flash.ts'
import { wholeBody } from '../../http/validation.ts'
import { Problem } from '../../lib/problem.ts'
import { formActionsBefore } from '../../oauth/authorization/form-actions.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { isRegistrationOpen } from '../signup/sign-up.ts'
import { safeNext } from './login.ts'
import { signIn, signOut } from './sign-in.ts'
import { LoginPage, LogoutPage, SignedOutPage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : value), z.string().optional())

const nextQuery = z.object({ next: text })
/** `again`: the form is shown to who is signed in, too. */
const loginQuery = z.object({ next: text, again: text })

const loginForm = z.object({ username: text, password: text, next: text })

/** /login and /logout, for people. */
export const loginPages: Routes = async (app, { services }) => {
  const { config, pages, csrf } = services

  app.get(
    '/login',
    { config: { access: 'public', throttle: 'wildcard' }, schema: { querystring: loginQuery } },
    async (request, reply) => {
      const next = safeNext(request.query.next, config.publicUrl)
      if (sessionOf(request) !== undefined && request.query.again === undefined) return reply.redirect(next, 303)
      return sendLogin(services, { next }, request, reply)
    },
  )

  app.post(
    '/login',
    { config: { access: 'public', throttle: 'login', csrf: true }, schema: { body: loginForm } },
    async (request, reply) => {
      const { username = '', password = '' } = request.body
      const next = safeNext(request.body.next, config.publicUrl)
      try {
        const isFilledIn = username !== '' && password !== ''
        const user = isFilledIn ? await signIn(services, request, reply, { username, password }) : undefined
        if (user !== undefined) return reply.redirect(next, 303)
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.fields?.[wholeBody] === undefined) throw problem
        // The password was right, but this account may not act yet.
        const status = problem.message === texts.login.unconfirmed ? 403 : 422
        return sendLogin(services, { next, username, error: problem.message, status }, request, reply)
      }
      return sendLogin(services, { next, username, error: texts.login.wrong, status: 422 }, request, reply)
    },
  )

  app.get('/logout', { config: { access: 'public', throttle: 'wildcard' } }, async (request, reply) => {
    const page = pages.context(request, reply)
    const session = sessionOf(request)
    if (session === undefined) return pages.send(reply, <SignedOutPage page={page} />)
    const name = session.name || session.username
    return pages.send(reply, <LogoutPage page={page} csrfToken={csrf.tokenFor(request, reply)} name={name} />)
  })

  app.post(
    '/logout',
    { config: { access: 'public', throttle: 'wildcard', csrf: true }, schema: { querystring: nextQuery } },
    async (request, reply) => {
      await signOut(services, request, reply)
      const next = request.query.next === undefined ? '/logout' : safeNext(request.query.next, config.publicUrl)
      return reply.redirect(next, 303)
    },
  )
}

function sessionOf({ principal }: FastifyRequest) {
  return principal.kind === 'user' ? principal.session : undefined
}

async function sendLogin(
  services: Services,
  { status = 200, ...shown }: { next: string; username?: string; error?: string; status?: number },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { pages, csrf, cookies, clients } = services
  const page = pages.context(request, reply)
  const isReset = takeShownOnce(request, reply, cookies).notice === 'password-reset'
  const more = { maySignUp: isRegistrationOpen(services), notice: isReset ? texts.passwordReset.done : undefined }
  const view = <LoginPage page={page} csrfToken={csrf.tokenFor(request, reply)} {...shown} {...more} />
  return pages.send(reply, view, { status, formActions: await formActionsBefore(shown.next, clients) })
}

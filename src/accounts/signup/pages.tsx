import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { showOnce } from '../../http/flash.ts'
import { Problem } from '../../lib/problem.ts'
import { formActionsBefore } from '../../oauth/authorization/form-actions.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { emailAddress } from '../email-address/schemas.ts'
import { safeNext } from '../login/login.ts'
import { findPasswordFaults, type PasswordRules } from '../passwords.ts'
import { startFirstSession } from './first-session.ts'
import { username } from './schemas.ts'
import { isRegistrationOpen, signUp } from './sign-up.ts'
import { SignUpPage, type SignUpProps } from './views.tsx'

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value)

const text = z.preprocess(lastOf, z.string().optional())

const signUpQuery = z.object({ invitation: text, next: text })

const signUpForm = z.object({ username: text, email: text, password: text, invitation: text, next: text })

/** /signup */
export const signUpPages: Routes = async (app, { services }) => {
  const { config, cookies } = services
  const readNext = (next: string | undefined) => (next === undefined ? undefined : safeNext(next, config.publicUrl))

  app.get(
    '/signup',
    { config: { access: 'public', throttle: 'wildcard' }, schema: { querystring: signUpQuery } },
    async (request, reply) => {
      const next = readNext(request.query.next)
      if (isSignedIn(request)) return reply.redirect(next ?? '/', 303)
      const form = { username: '', email: '', invitation: request.query.invitation ?? '' }
      return sendForm(services, { next, form, errors: {} }, request, reply)
    },
  )

  app.post(
    '/signup',
    { config: { access: 'public', throttle: 'signup', csrf: true }, schema: { body: signUpForm } },
    async (request, reply) => {
      const { username = '', email = '', password = '', invitation = '' } = request.body
      const next = readNext(request.body.next)
      const form = { username: username.trim(), email: email.trim(), invitation: invitation.trim() }
      const errors = findErrors({ ...form, password }, config)
      if (Object.keys(errors).length > 0) return sendForm(services, { next, form, errors }, request, reply)
      try {
        const user = await signUp(services, { ...form, password1: password, password2: password })
        if (await startFirstSession(services, user, request, reply)) return reply.redirect(next ?? '/', 303)
        showOnce(reply, cookies, { mailedTo: user.email })
        return reply.redirect('/auth/email/confirm', 303)
      } catch (problem) {
        if (!(problem instanceof Problem) || !['invalid', 'forbidden'].includes(problem.kind)) throw problem
        return sendForm(services, { next, form, errors: errorsOf(problem) }, request, reply)
      }
    },
  )
}

function isSignedIn({ principal }: FastifyRequest): boolean {
  return principal.kind === 'user' && principal.session !== undefined
}

type Form = SignUpProps['form']
type Errors = SignUpProps['errors']

function findErrors(form: Form & { password: string }, rules: PasswordRules): Errors {
  const { wrong } = texts.signUp
  const { plain, similar } = findPasswordFaults(form.password, form, rules)
  const aboutPassword = form.password === '' ? [texts.forms.required] : [...plain, ...similar]
  return {
    ...(!username.safeParse(form.username).success && { username: wrong.username }),
    ...(!emailAddress.safeParse(form.email).success && { email: wrong.email }),
    ...(aboutPassword.length > 0 && { password: aboutPassword.join(' ') }),
  }
}

function errorsOf({ kind, fields = {} }: Problem): Errors {
  const { wrong, closed } = texts.signUp
  return {
    ...(kind === 'forbidden' && { invitation: closed }),
    ...(fields.invitation && { invitation: wrong.invitation }),
    ...(fields.username && { username: wrong.usernameTaken }),
  }
}

async function sendForm(
  services: Services,
  shown: { next: string | undefined; form: Form; errors: Errors },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { pages, csrf, config, clients } = services
  const view = (
    <SignUpPage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      isOpen={isRegistrationOpen(services)}
      passwordMinLength={config.passwordMinLength}
      {...shown}
    />
  )
  const status = Object.keys(shown.errors).length === 0 ? 200 : 422
  return pages.send(reply, view, { status, formActions: await formActionsBefore(shown.next ?? '/', clients) })
}

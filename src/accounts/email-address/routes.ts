import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import type { Routes } from '../../services.ts'
import { checkPassword } from '../sudo.ts'
import { askForConfirmation, confirmEmail } from './confirmation.ts'
import { askEmailChange } from './email-change.ts'
import { confirmationKey, detail, mailbox, newEmail } from './schemas.ts'

/** /api/v1/auth/registration */
export const confirmationRoutes: Routes = async (app, { services }) => {
  const { trail } = services

  app.post(
    '/verify-email',
    {
      config: { access: 'public', throttle: 'verify-email' },
      schema: {
        summary: 'Confirm an e-mail address with the key of a mailed link',
        body: confirmationKey,
        response: { 200: detail },
      },
    },
    async (request) => {
      const { userId, isChange } = await confirmEmail(services, request.body.key)
      if (isChange) trail.record(request, { userId, kind: 'email-changed' })
      return { detail: 'ok' }
    },
  )

  app.post(
    '/resend-email',
    {
      config: { access: 'public', throttle: 'verify-email' },
      schema: { summary: 'Mail another confirmation link', body: mailbox, response: { 200: detail } },
    },
    async (request) => {
      await askForConfirmation(services, request.body.email)
      return { detail: 'ok' }
    },
  )
}

/** /api/v1/users */
export const emailChangeRoutes: Routes = async (app, { services }) => {
  app.post(
    '/change-email',
    {
      config: { access: { scope: 'write:security' }, throttle: 'password-change' },
      schema: { summary: 'Ask for another e-mail address', body: newEmail, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      const { email, password } = request.body
      await checkPassword(services, userId, { password, field: 'password' })
      await askEmailChange(services, { userId, email })
      return reply.code(204).send()
    },
  )
}

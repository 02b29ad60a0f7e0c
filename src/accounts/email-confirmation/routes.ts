import type { Routes } from '../../services.ts'
import { detail, mailbox } from '../email-address/schemas.ts'
import { askForConfirmation, confirmEmail } from './confirmation.ts'
import { confirmationKey } from './schemas.ts'

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

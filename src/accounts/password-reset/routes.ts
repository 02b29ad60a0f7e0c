import { z } from 'zod'
import type { Routes } from '../../services.ts'
import { detail, mailbox } from '../email-address/schemas.ts'
import { askPasswordReset, resetPassword } from './password-reset.ts'

const secret = z.string().min(1)

const confirmation = z.object({
  uid: z.string().min(1).max(100),
  token: z.string().min(1).max(200),
  new_password1: secret,
  new_password2: secret,
})

/** /api/v1/auth/password/reset */
export const passwordResetRoutes: Routes = async (app, { services }) => {
  const { trail } = services

  app.post(
    '/',
    {
      config: { access: 'public', throttle: 'password-reset' },
      schema: { summary: 'Mail a link that sets a new password', body: mailbox, response: { 200: detail } },
    },
    async (request) => {
      await askPasswordReset(services, request.body.email)
      return { detail: 'Password reset e-mail has been sent.' }
    },
  )

  app.post(
    '/confirm',
    {
      config: { access: 'public', throttle: 'password-reset-confirm' },
      schema: { summary: 'Set a new password by a mailed link', body: confirmation, response: { 200: detail } },
    },
    async (request) => {
      const { new_password1: password, new_password2: repeated, ...link } = request.body
      const userId = await resetPassword(services, link, [password, repeated])
      trail.record(request, { userId, kind: 'password-reset' })
      return { detail: 'Password has been reset with the new password.' }
    },
  )
}

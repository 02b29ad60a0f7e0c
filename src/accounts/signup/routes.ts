import type { Routes } from '../../services.ts'
import { detail } from '../email-address/schemas.ts'
import { mustConfirmEmail } from '../email-confirmation/confirmation.ts'
import { startFirstSession } from './first-session.ts'
import { newAccount } from './schemas.ts'
import { requireOpenRegistration, signUp } from './sign-up.ts'

/** /api/v1/auth/registration */
export const signUpRoutes: Routes = async (app, { services }) => {
  app.post(
    '/',
    {
      config: { access: 'public', throttle: 'signup' },
      schema: { summary: 'Create an account', body: newAccount, response: { 201: detail } },
      // Who may not sign up hears nothing about the form.
      preValidation: async ({ body }) => {
        const invitation = body !== null && typeof body === 'object' ? Reflect.get(body, 'invitation') : undefined
        requireOpenRegistration(services, invitation)
      },
    },
    async (request, reply) => {
      const user = await signUp(services, request.body)
      await startFirstSession(services, user, request, reply)
      const text = mustConfirmEmail(services.config, user) ? 'Verification e-mail sent.' : 'Your account was created.'
      return reply.code(201).send({ detail: text })
    },
  )
}

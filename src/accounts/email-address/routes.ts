import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import type { Routes } from '../../services.ts'
import { checkPassword } from '../sudo.ts'
import { askEmailChange } from './email-change.ts'
import { newEmail } from './schemas.ts'

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

import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import type { Routes } from '../../services.ts'
import { changePassword } from './password-change.ts'

const secret = z.string().min(1)

const passwordChange = z.object({ old_password: secret, new_password1: secret, new_password2: secret })

/** /api/v1/auth: both paths that clients of the Funkwhale API use to change a password. */
export const passwordChangeRoutes: Routes = async (app, { services }) => {
  const { trail } = services
  for (const path of ['/password/change', '/registration/change-password']) {
    app.post(
      path,
      {
        config: { access: { scope: 'write:security' }, throttle: 'password-change' },
        schema: {
          summary: 'Change your password',
          body: passwordChange,
          response: { 200: z.object({ detail: z.string() }) },
        },
      },
      async (request) => {
        const { userId, session } = userOf(request)
        const { old_password: oldPassword, new_password1: newPassword1, new_password2: newPassword2 } = request.body
        const passwords = { oldPassword, newPassword1, newPassword2 }
        await changePassword(services, { userId, ...passwords, sessionKey: session?.key })
        trail.record(request, { userId, kind: 'password-changed' })
        return { detail: 'The new password has been saved.' }
      },
    )
  }
}

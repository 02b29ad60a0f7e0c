import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { yesOrNo } from '../../http/wire.ts'
import type { Routes } from '../../services.ts'
import { endSession } from '../sessions.ts'
import { deleteAccount } from './deletion.ts'

const accountDeletion = z.object({
  password: z.string().min(1),
  confirm: yesOrNo.refine((confirmed) => confirmed, 'Please confirm deletion.'),
})

/** /api/v1/users */
export const deletionRoutes: Routes = async (app, { services }) => {
  const { db, cookies, csrf } = services

  app.delete(
    '/me',
    {
      config: { access: { scope: 'write:profile' }, throttle: 'password-change' },
      schema: {
        summary: 'Delete your account, with your password once more',
        body: accountDeletion,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      await deleteAccount(services, { userId, password: request.body.password })
      request.log.info({ event: 'account-deleted', userId, address: request.ip }, 'Security event')
      await endSession(db, cookies, request, reply)
      csrf.rotate(reply, '')
      return reply.code(204).send()
    },
  )
}

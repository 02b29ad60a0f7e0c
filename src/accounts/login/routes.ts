import { z } from 'zod'
import { wholeBody } from '../../http/validation.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { signIn, signOut } from './sign-in.ts'

const credentials = z.object({ username: z.string().min(1), password: z.string().min(1) })

/** /api/v1/users: how Funkwhale's web client signs a browser in and out. */
export const loginRoutes: Routes = async (app, { services }) => {
  app.post(
    '/login',
    {
      config: { access: 'public', throttle: 'login', csrf: true },
      schema: { summary: 'Sign this browser in', body: credentials, response: { 200: z.undefined() } },
    },
    async (request, reply) => {
      if ((await signIn(services, request, reply, request.body)) === undefined) {
        const message = 'Unable to log in with provided credentials.'
        throw new Problem('invalid', message, { fields: { [wholeBody]: [message] } })
      }
      return reply.code(200).send()
    },
  )

  app.post(
    '/logout',
    {
      config: { access: 'public', throttle: 'wildcard', csrf: true },
      schema: { summary: 'Sign this browser out', response: { 200: z.undefined() } },
    },
    async (request, reply) => {
      await signOut(services, request, reply)
      return reply.code(200).send()
    },
  )
}

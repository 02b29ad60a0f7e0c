import { z } from 'zod'
import type { Routes } from '../services.ts'

const health = z.object({ status: z.literal('ok') })

/** For whoever watches the pod. Never counted against a limit: a watcher that is refused would restart a healthy pod. */
export const healthRoutes: Routes = async (app, { services }) => {
  const options = { config: { access: 'public', throttle: 'none' }, logLevel: 'warn' } as const

  app.get(
    '/live',
    { ...options, schema: { summary: 'Whether the pod runs', response: { 200: health } } },
    async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' as const }),
  )

  app.get(
    '/ready',
    { ...options, schema: { summary: 'Whether the pod can answer requests', response: { 200: health } } },
    async (_request, reply) => {
      await services.readiness.require()
      return reply.header('cache-control', 'no-store').send({ status: 'ok' as const })
    },
  )
}

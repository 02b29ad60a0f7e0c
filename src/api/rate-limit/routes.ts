import { identify } from '../../access/rate-limits/identity.ts'
import type { Routes } from '../../services.ts'
import { statusOf } from './rate-limit.ts'
import { rateLimitStatus } from './schemas.ts'

/** /api/v1/rate-limit */
export const rateLimitRoutes: Routes = async (app, { services: { rateLimits } }) => {
  app.get(
    '/',
    {
      config: { access: 'public', throttle: 'none' },
      schema: { summary: 'How many requests are left', response: { 200: rateLimitStatus } },
    },
    async (request, reply) => {
      const status = statusOf(rateLimits, identify(request.principal, request), new Date())
      return reply.header('cache-control', 'no-store').send(status)
    },
  )
}

import { z } from 'zod'
import { noStore } from '../../http/oauth-errors.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { readScopes } from '../authorization/request.ts'
import { authenticateClient } from '../clients/authentication.ts'
import { deviceCodeGrant } from '../clients/clients.ts'
import { parameter } from '../tokens/schemas.ts'
import { deviceCodeLifetimeSeconds, pollIntervalSeconds, startDeviceAuthorization } from './device-authorizations.ts'

const deviceRequest = z.object({ client_id: parameter, client_secret: parameter, scope: parameter })

/** RFC 8628 §3.2. */
const deviceResponse = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.number().int(),
  interval: z.number().int(),
})

/** /api/v1/oauth/device_authorization */
export const deviceRoutes: Routes = async (app, { services }) => {
  const { db, config } = services
  app.post(
    '/device_authorization',
    {
      config: { access: 'client', throttle: 'oauth-authorize' },
      schema: {
        summary: 'Start on a device without a browser',
        body: deviceRequest,
        response: { 200: deviceResponse },
      },
    },
    async (request, reply) => {
      const client = await authenticateClient(services, request)
      if (!client.grantTypes.includes(deviceCodeGrant)) {
        throw new Problem('unauthorized_client', 'This client has not registered the device authorization grant.')
      }
      const scopes = readScopes(client, request.body.scope)
      const { deviceCode, userCode } = await startDeviceAuthorization(db, { clientId: client.id, scopes })
      const verificationUri = `${config.publicUrl}/device`
      return noStore(reply).send({
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: verificationUri,
        verification_uri_complete: `${verificationUri}?user_code=${userCode}`,
        expires_in: deviceCodeLifetimeSeconds,
        interval: pollIntervalSeconds,
      })
    },
  )
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { normalizeUserCode } from '../../lib/secrets.ts'
import type { Routes, Services } from '../../services.ts'
import { choiceRows, chosenScopes } from '../authorization/chosen-scopes.ts'
import { decideDevice, findByUserCode, type PendingDevice } from './device-authorizations.ts'
import { DeviceCodePage, DeviceConsentPage, DeviceDonePage } from './views.tsx'

const deviceQuery = z.object({ user_code: z.string().max(100).optional().catch(undefined) })

/** Two forms post here: the one with the code, and the decision, which names the request by that code again. */
const deviceForm = z.object({
  user_code: z.string().max(100).optional(),
  request_id: z.string().max(100).optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  scopes: z.union([z.string(), z.array(z.string())]).optional(),
})

/** /device: where a user lets a device without a browser in (RFC 8628 §3.3). */
export const devicePages: Routes = async (app, { services }) => {
  app.get(
    '/device',
    { config: { access: 'session', throttle: 'oauth-authorize' }, schema: { querystring: deviceQuery } },
    async (request, reply) => {
      const page = services.pages.context(request, reply)
      const csrfToken = services.csrf.tokenFor(request, reply)
      const typed = request.query.user_code
      const view = (
        <DeviceCodePage page={page} csrfToken={csrfToken} {...(typed !== undefined && { userCode: typed })} />
      )
      return services.pages.send(reply, view)
    },
  )

  app.post(
    '/device',
    { config: { access: 'session', throttle: 'oauth-authorize' }, schema: { body: deviceForm } },
    async (request, reply) => {
      const { user_code, request_id, decision } = request.body
      const typed = user_code ?? request_id ?? ''
      const device = await findByUserCode(services.db, typed)
      if (device === undefined) return sendUnknown(services, typed, request, reply)
      if (decision === undefined) return sendConsent(services, { device, typed }, request, reply)
      return takeDecision(services, { device, typed }, request, reply)
    },
  )
}

function sendUnknown({ pages, csrf }: Services, typed: string, request: FastifyRequest, reply: FastifyReply) {
  const page = pages.context(request, reply)
  const view = <DeviceCodePage page={page} csrfToken={csrf.tokenFor(request, reply)} userCode={typed} unknown />
  return pages.send(reply, view, { status: 400 })
}

interface Asked {
  device: PendingDevice
  typed: string
  nothingChosen?: boolean
}

function sendConsent({ pages, csrf }: Services, asked: Asked, request: FastifyRequest, reply: FastifyReply) {
  const { nothingChosen = false } = asked
  const { client, scopes } = asked.device
  const user = userOf(request)
  const userCode = normalizeUserCode(asked.typed) ?? ''
  const again = `/login?next=${encodeURIComponent(`/device?user_code=${userCode}`)}`
  const view = (
    <DeviceConsentPage
      page={pages.context(request, reply)}
      user={user.session ?? { username: '', name: '' }}
      client={{ name: client.name, ...(client.website !== null && { website: client.website }) }}
      permissions={choiceRows(scopes, user, { nothingChosen })}
      requestId={userCode}
      userCode={userCode}
      csrfToken={csrf.tokenFor(request, reply)}
      switchAccountAction={`/logout?next=${encodeURIComponent(again)}`}
      nothingChosen={nothingChosen}
    />
  )
  return pages.send(reply, view, { status: nothingChosen ? 400 : 200 })
}

async function takeDecision(
  services: Services,
  asked: Asked,
  request: FastifyRequest<{ Body: z.output<typeof deviceForm> }>,
  reply: FastifyReply,
) {
  const user = userOf(request)
  const { decision, scopes: ticked } = request.body
  const scopes = decision === 'allow' ? chosenScopes(asked.device.scopes, ticked, user) : 'denied'
  if (scopes === undefined) return sendConsent(services, { ...asked, nothingChosen: true }, request, reply)
  const decided = await decideDevice(services.db, asked.device, { userId: user.userId, scopes })
  if (!decided) return sendUnknown(services, asked.typed, request, reply)
  const kind = scopes === 'denied' ? 'access-denied' : 'access-allowed'
  services.trail.record(request, { userId: user.userId, kind, client: asked.device.client.name })
  const page = services.pages.context(request, reply)
  const outcome = scopes === 'denied' ? 'denied' : 'allowed'
  return services.pages.send(reply, <DeviceDonePage page={page} outcome={outcome} client={asked.device.client} />)
}

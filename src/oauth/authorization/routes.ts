import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { noStore, oauthBody } from '../../http/oauth-errors.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { issuerOf } from '../issuer.ts'
import { errorUri, isOutOfBand, successUri } from './answer.ts'
import { issueCode } from './codes.ts'
import {
  type CheckedRequest,
  checkRequest,
  DestinationProblem,
  only,
  type Parameters,
  readDestination,
} from './request.ts'

const answer = z.object({ redirect_uri: z.string(), code: z.string().nullable() })

/** /api/v1/oauth/authorize: the way in for clients that show their own consent page and hold the user's session. */
export const authorizationRoutes: Routes = async (app, { services }) => {
  app.get(
    '/authorize',
    {
      config: { access: 'public', throttle: 'oauth-authorize' },
      schema: { summary: 'Redirects to the page where the user decides' },
    },
    async (request, reply) => reply.redirect(`/authorize${queryOf(request.url)}`, 302),
  )

  app.post(
    '/authorize',
    {
      config: { access: 'session', throttle: 'oauth-authorize' },
      schema: { summary: 'Decide about an authorization request as the signed-in user', response: { 200: answer } },
    },
    async (request, reply) => decideDirectly(services, request, reply),
  )
}

function queryOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at)
}

async function decideDirectly({ db, clients, config, trail }: Services, request: FastifyRequest, reply: FastifyReply) {
  const parameters = request.body as Parameters
  checkForm(parameters)
  const destination = await readDestination(clients, parameters).catch((error) => refuseDestination(error, parameters))
  const answering = answerer(request, reply)
  try {
    const checked = checkRequest(destination, parameters)
    const { userId } = userOf(request)
    const allowed = isAllowed(parameters.allow)
    trail.record(request, { userId, kind: allowed ? 'access-allowed' : 'access-denied', client: checked.client.name })
    if (!allowed) throw new Problem('access_denied', 'The resource owner denied the request.')
    const code = await issue(db, checked, userId, config.authorizationCodeExpireSeconds)
    return answering(successUri(checked, code, issuerOf(config.publicUrl)), code)
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    if (isOutOfBand(destination))
      return noStore(reply)
        .code(400)
        .type('application/json; charset=utf-8')
        .serializer(JSON.stringify)
        .send(oauthBody(error) as never)
    return answering(errorUri(destination, error, issuerOf(config.publicUrl)), null)
  }
}

/** XMLHttpRequest cannot see a redirect, so such callers are told where to go. */
function answerer(request: FastifyRequest, reply: FastifyReply) {
  const isScript = request.headers['x-requested-with'] === 'XMLHttpRequest'
  return (uri: string, code: string | null) => {
    noStore(reply)
    return isScript ? reply.code(200).send({ redirect_uri: uri, code }) : reply.redirect(uri, 302)
  }
}

const requiredFields = ['redirect_uri', 'scope', 'client_id', 'response_type']
const optionalFields = ['state', 'code_challenge', 'code_challenge_method']

function checkForm(parameters: Parameters): void {
  const wrong = [
    ...requiredFields.filter((name) => only(parameters, name) === undefined),
    ...optionalFields.filter((name) => isNoText(parameters[name])),
  ]
  if (wrong.length === 0) return
  const fields = Object.fromEntries(wrong.map((name) => [name, [wordFault(parameters[name])]]))
  throw new Problem('invalid', 'Invalid input.', { fields })
}

/** JSON holds more than text. Lists are judged with the rest of the request, like fields given twice. */
function isNoText(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'string' && !Array.isArray(value)
}

function wordFault(value: unknown): string {
  return value === undefined || value === '' ? 'This field is required.' : 'Not a valid string.'
}

function refuseDestination(error: unknown, parameters: Parameters): never {
  if (!(error instanceof DestinationProblem)) throw error
  if (error.fault === 'unknownClient') {
    throw new Problem('invalid', 'Invalid application', { fields: { non_field_errors: ['Invalid application'] } })
  }
  const uri = String(parameters.redirect_uri)
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(uri) && !uri.includes('#')
  throw new Problem('malformed', isAbsolute ? 'Mismatching redirect URI.' : 'Invalid redirect URI.')
}

/** As forms say yes. */
function isAllowed(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|1|on|yes|t|y)$/i.test(value))
}

async function issue(
  db: Services['db'],
  checked: CheckedRequest,
  userId: number,
  lifetimeSeconds: number,
): Promise<string> {
  const { client, redirectUri, requestedRedirectUri, scopes, codeChallenge } = checked
  return issueCode(db, {
    userId,
    clientId: client.id,
    redirectUri,
    requestedRedirectUri,
    scopes,
    codeChallenge,
    lifetimeSeconds,
  })
}

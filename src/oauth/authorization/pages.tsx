import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { Problem } from '../../lib/problem.ts'
import type { Routes, Services } from '../../services.ts'
import { describeRedirectTarget, redirectKind } from '../clients/redirect-uris.ts'
import { issuerOf } from '../issuer.ts'
import { errorUri, isOutOfBand, successUri, type Target } from './answer.ts'
import { choiceRows, chosenScopes } from './chosen-scopes.ts'
import { showCode } from './code-page.tsx'
import { allowRequest } from './codes.ts'
import { type ConsentRequests, consentRequests, denyRequest, type PendingRequest } from './consent-requests.ts'
import { dialectAt, formActionsTo } from './form-actions.ts'
import { refuse, refuseAccount, sendOver } from './refusals.tsx'
import {
  authorizePath,
  checkRequest,
  DestinationProblem,
  only,
  type Parameters,
  type RequestOnPage,
  readDestination,
} from './request.ts'
import { ConsentPage, DeniedPage } from './views.tsx'

const decisionForm = z.object({
  request_id: z.string().max(100),
  decision: z.enum(['allow', 'deny']),
  scopes: z.union([z.string(), z.array(z.string())]).optional(),
})

const codeQuery = z.object({ code: z.string().max(100) })

/** /authorize and, as clients of Mastodon know it, /oauth/authorize: the authorization endpoint (RFC 6749 §3.1), for people. */
export const authorizationPages: Routes = async (app, { services: given }) => {
  const services = { ...given, requests: consentRequests(given) }

  app.get('/authorize', { config: { access: 'public', throttle: 'oauth-authorize' } }, async (request, reply) =>
    showConsent(services, request.query as Parameters, request, reply),
  )

  app.post(
    '/authorize',
    { config: { access: 'session', throttle: 'oauth-authorize' }, schema: { body: decisionForm } },
    async (request, reply) => takeDecision(services, request.body, request, reply),
  )

  app.get(
    '/authorize/code',
    { config: { access: 'session', throttle: 'retrieve' }, schema: { querystring: codeQuery } },
    async (request, reply) => showCode(services, request.query.code, request, reply),
  )
}

type AuthorizationServices = Services & { requests: ConsentRequests }

async function showConsent(
  services: AuthorizationServices,
  parameters: Parameters,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const checked = await check(services, parameters, request, reply)
  if (checked === undefined) return reply
  // Python writes its booleans with a capital.
  const isForced = /^(?:true|1|on)$/i.test(only(parameters, 'force_login') ?? '')
  if (isForced) return reply.redirect(`/login?again=1&next=${nextOf(checked, request)}`, 303)
  if (!isSignedIn(request)) return refuseAccount(services, request, reply) ?? sendToLogin(request.url, reply)
  const requestId = await services.requests.keep(userOf(request).userId, checked)
  return sendConsent(services, { ...checked, requestId }, request, reply)
}

function isSignedIn({ principal }: FastifyRequest): boolean {
  return principal.kind === 'user' && principal.credential === 'session'
}

function sendToLogin(next: string, reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'private, no-store').redirect(`/login?next=${encodeURIComponent(next)}`, 303)
}

/** The path this endpoint was called at; what it shows posts to the same. */
function pathOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? '/authorize'
}

function dialectOf(request: FastifyRequest) {
  return dialectAt(pathOf(request))
}

/** The same request, for after a login. */
function nextOf(shown: RequestOnPage, request: FastifyRequest): string {
  return encodeURIComponent(authorizePath(shown, pathOf(request)))
}

/** To the client. After a form nothing is sent again (RFC 9700 §4.12): 303, or what clients of Mastodon know. */
function redirect(uri: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.redirect(uri, dialectOf(request) === 'mastodon' ? 302 : 303)
}

/** The request, if nothing is wrong with it; else it has been answered. */
async function check(services: Services, parameters: Parameters, request: FastifyRequest, reply: FastifyReply) {
  const destination = await readDestination(services.clients, parameters).catch((error) => {
    if (!(error instanceof DestinationProblem)) throw error
    refuse(services, error, request, reply)
  })
  if (destination === undefined) return undefined
  try {
    return checkRequest(destination, parameters, dialectOf(request))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (isOutOfBand(destination)) refuse(services, error, request, reply)
    // Strangers are not redirected, or anyone's client could make this pod lead them astray (RFC 9700 §4.11.2).
    else if (!isSignedIn(request)) sendToLogin(request.url, reply)
    else redirect(errorUri(destination, error, issuerOf(services.config.publicUrl)), request, reply)
    return undefined
  }
}

type Shown = RequestOnPage & {
  requestId: string
  nothingChosen?: boolean
}

function sendConsent({ pages, csrf }: Services, shown: Shown, request: FastifyRequest, reply: FastifyReply) {
  const user = userOf(request)
  const { nothingChosen = false } = shown
  // Logged out, the browser comes back to the same request as somebody else.
  const again = `/login?next=${nextOf(shown, request)}`
  const view = (
    <ConsentPage
      page={pages.context(request, reply)}
      action={pathOf(request)}
      user={user.session ?? { username: '', name: '' }}
      client={{ name: shown.client.name, ...(shown.client.website !== null && { website: shown.client.website }) }}
      redirect={{ kind: redirectKind(shown.redirectUri), ...describeRedirectTarget(shown.redirectUri) }}
      permissions={choiceRows(shown.scopes, user, { nothingChosen })}
      requestId={shown.requestId}
      csrfToken={csrf.tokenFor(request, reply)}
      switchAccountAction={`/logout?next=${encodeURIComponent(again)}`}
      nothingChosen={nothingChosen}
    />
  )
  const status = nothingChosen ? 400 : 200
  return pages.send(reply, view, { status, formActions: formActionsTo(shown) })
}

async function takeDecision(
  services: AuthorizationServices,
  form: z.output<typeof decisionForm>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { requests, trail } = services
  const user = userOf(request)
  const found = await requests.find(user.userId, form.request_id)
  if (found === undefined || found.over !== undefined) return sendOver(services, found, request, reply)
  const pending = found.request
  const scopes = form.decision === 'allow' ? chosenScopes(pending.scopes, form.scopes, user) : []
  if (scopes === undefined) {
    const shown = { ...pending, requestId: form.request_id, nothingChosen: true }
    return sendConsent(services, shown, request, reply)
  }
  const answer = form.decision === 'allow' ? await allow(services, pending, scopes) : await deny(services, pending)
  if (answer === undefined) {
    const stored = await requests.findStored(user.userId, form.request_id)
    return sendOver(services, stored && { over: 'answered', ...stored }, request, reply)
  }
  const kind = form.decision === 'allow' ? 'access-allowed' : 'access-denied'
  trail.record(request, { userId: user.userId, kind, client: pending.client.name })
  return answer(request, reply)
}

/** How to answer a decision; undefined = it could not be taken any more. */
type Answer = ((request: FastifyRequest, reply: FastifyReply) => FastifyReply) | undefined

async function allow({ db, config }: Services, pending: PendingRequest, scopes: string[]): Promise<Answer> {
  const lifetimeSeconds = config.authorizationCodeExpireSeconds
  const code = await allowRequest(db, pending, { scopes, lifetimeSeconds })
  if (code === undefined) return undefined
  const target: Target = pending
  return (request, reply) =>
    redirect(
      isOutOfBand(target)
        ? `${pathOf(request)}/code?code=${code}`
        : successUri(target, code, issuerOf(config.publicUrl)),
      request,
      reply,
    )
}

async function deny({ db, config, pages }: Services, pending: PendingRequest): Promise<Answer> {
  if (!(await denyRequest(db, pending))) return undefined
  return (request, reply) =>
    isOutOfBand(pending)
      ? pages.send(reply, <DeniedPage page={pages.context(request, reply)} client={pending.client} />)
      : redirect(errorUri(pending, accessDenied(), issuerOf(config.publicUrl)), request, reply)
}

function accessDenied(): Problem {
  return new Problem('access_denied', 'The resource owner denied the request.')
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { prefersJson } from '../../http/accept.ts'
import { noStore, oauthBody } from '../../http/oauth-errors.ts'
import type { Problem } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import type { Found } from './consent-requests.ts'
import { DestinationProblem } from './request.ts'
import { AccountStatePage, AuthorizationErrorPage, RequestOverPage } from './views.tsx'

/** Answers a request that may not be answered with a redirect (RFC 6749 §4.1.2.1): with a page, unless JSON is preferred. */
export function refuse({ pages }: Services, problem: Problem, request: FastifyRequest, reply: FastifyReply) {
  if (prefersJson(request.headers.accept)) {
    const answer = noStore(reply).code(400).type('application/json; charset=utf-8').serializer(JSON.stringify)
    return answer.send(oauthBody(problem))
  }
  const page = pages.context(request, reply)
  const view = <AuthorizationErrorPage page={page} reason={reasonOf(problem)} details={problem.message} />
  return pages.send(reply, view, { status: 400 })
}

function reasonOf(problem: Problem) {
  if (!(problem instanceof DestinationProblem)) return 'malformed'
  return problem.fault === 'unknownClient' ? 'unknown-client' : 'redirect-uri'
}

/** For a browser that is signed in to an account that may not act now; undefined = any other. */
export function refuseAccount({ pages }: Services, request: FastifyRequest, reply: FastifyReply) {
  const { principal } = request
  if (principal.kind !== 'anonymous' || principal.account === undefined) return undefined
  const view = <AccountStatePage page={pages.context(request, reply)} state={principal.account} />
  return pages.send(reply, view, { status: 403 })
}

/** For a consent form that can no longer be decided. */
export function sendOver({ pages }: Services, found: Found, request: FastifyRequest, reply: FastifyReply) {
  const page = pages.context(request, reply)
  const client = found && { client: found.request.client }
  const view = <RequestOverPage page={page} reason={found?.over ?? 'expired'} {...client} />
  return pages.send(reply, view, { status: 400 })
}

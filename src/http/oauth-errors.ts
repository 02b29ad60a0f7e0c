import type { FastifyReply, FastifyRequest } from 'fastify'
import { type FieldMessages, Problem } from '../lib/problem.ts'
import { challengeOf } from './challenge.ts'
import { toProblem } from './problems.ts'

/** Errors of the OAuth endpoints (RFC 6749 §5.2): `{"error": …, "error_description": …}`, never cached. */
export function answerOAuthError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request.log)
  noStore(reply).type('application/json; charset=utf-8').serializer(JSON.stringify)
  if (problem === undefined) {
    return reply.code(500).send({ error: 'server_error', error_description: 'Internal server error.' })
  }
  const challenge = challengeOf(problem)
  if (challenge !== undefined) reply.header('www-authenticate', challenge)
  return reply.code(problem.status).headers(problem.headers).send(oauthBody(problem))
}

/** Answers that hold secrets are kept by nobody (RFC 6749 §5.1). */
export function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
}

/** The code and sentence for a problem on an OAuth endpoint, in a body or in a redirect. */
export function oauthBody(problem: Problem): { error: string; error_description: string } {
  return { error: oauthCode(problem), error_description: describable(sentenceOf(problem)) }
}

function oauthCode(problem: Problem): string {
  switch (problem.kind) {
    case 'invalid':
    case 'malformed':
    case 'too_large':
    case 'unsupported_media_type':
    case 'method_not_allowed':
    case 'not_found':
    case 'conflict':
    case 'unprocessable':
    case 'gone':
      return 'invalid_request'
    case 'unavailable':
      return 'temporarily_unavailable'
    case 'unauthenticated':
    case 'account_disabled':
      return 'invalid_token'
    case 'forbidden':
    case 'user_required':
      return 'access_denied'
    case 'throttled':
      return 'slow_down'
    default:
      return problem.kind
  }
}

/** A problem in one sentence that names the fields that are wrong. */
export function sentenceOf(problem: Problem): string {
  if (problem.fields === undefined) return problem.message
  return Object.entries(problem.fields)
    .map(([field, messages]) => describeField(field, messages))
    .join(' ')
}

function describeField(field: string, messages: string[] | FieldMessages): string {
  const list = Array.isArray(messages) ? messages : Object.values(messages).flat(9)
  return list.every((message) => message === 'This field is required.')
    ? `Missing parameter: ${field}.`
    : `${field}: ${list.join(' ')}`
}

/** What RFC 6749 §5.2 lets an error_description hold: printable ASCII without `"` and `\`. */
function describable(text: string): string {
  return text.replace(/["]/g, "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

/** Thrown where a parameter came twice (RFC 6749 §3.1, §3.2). */
export function repeatedParameter(name: string): Problem {
  return new Problem('invalid_request', `Parameter given more than once: ${name}.`)
}

/** Thrown where parameters are missing. One is said in the words that clients of the Funkwhale API know. */
export function missingParameters(names: string[]): Problem {
  const [only = '', ...more] = names
  const message =
    more.length === 0 ? `Missing ${only.replaceAll('_', ' ')} parameter.` : `Missing parameters: ${names.join(', ')}.`
  return new Problem('invalid_request', message)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../lib/problem.ts'
import { challengeOf } from './challenge.ts'
import { sentenceOf } from './oauth-errors.ts'
import { toProblem } from './problems.ts'

/** Errors where clients of Mastodon look for them: `{"error": sentence}`, whatever went wrong. */
export function answerMastodonError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = toProblem(error, request.log)
  reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').serializer(JSON.stringify)
  if (found === undefined) return reply.code(500).send({ error: 'Internal server error.' })
  const problem = asRefusedToken(found)
  const challenge = challengeOf(problem)
  if (challenge !== undefined) reply.header('www-authenticate', challenge)
  return reply
    .code(statusOf(problem))
    .headers(problem.headers)
    .send({ error: sentenceOf(problem) })
}

/** Who fills in a form wrongly is told by 422; a token whose user may not act is good, and of no use. */
function statusOf(problem: Problem): number {
  switch (problem.kind) {
    case 'invalid':
    case 'invalid_request':
    case 'invalid_scope':
    case 'invalid_redirect_uri':
    case 'invalid_client_metadata':
    case 'user_required':
      return 422
    case 'unverified_email':
    case 'account_disabled':
      return 403
    default:
      return problem.status
  }
}

/** Clients of Mastodon look for `invalid_token` even where they sent none, or a header that holds none. */
function asRefusedToken(problem: Problem): Problem {
  const isBadHeader = problem.kind === 'malformed' && problem.headers['www-authenticate'] !== undefined
  return problem.kind === 'unauthenticated' || isBadHeader ? new Problem('invalid_token', problem.message) : problem
}

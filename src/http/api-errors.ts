import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../lib/problem.ts'
import { challengeOf } from './challenge.ts'
import { toProblem } from './problems.ts'

/** Errors of the REST API: `{"detail": …}`, or messages by field; `WWW-Authenticate` where a token is asked for. */
export function answerApiError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request.log)
  // What a file was to be called is no name for a refusal.
  reply.removeHeader('content-disposition')
  reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').serializer(JSON.stringify)
  if (problem === undefined) return reply.code(500).send({ detail: 'Internal server error.' })
  const challenge = challengeOf(problem)
  if (challenge !== undefined) reply.header('www-authenticate', challenge)
  return reply.code(problem.status).headers(problem.headers).send(apiBody(problem))
}

function apiBody(problem: Problem): object {
  if (problem.body !== undefined) return problem.body
  if (problem.kind === 'invalid' && problem.fields !== undefined) return problem.fields
  if (problem.kind === 'invalid_token' || problem.kind === 'account_disabled') {
    return { detail: unauthenticatedText, code: 'invalid_token' }
  }
  if (problem.kind === 'unverified_email') return { detail: unauthenticatedText, code: problem.kind }
  if (problem.kind === 'insufficient_scope') return { detail: forbiddenText, code: problem.kind, scope: problem.scope }
  if (problem.kind === 'user_required') return { detail: forbiddenText, code: problem.kind }
  return { detail: problem.message }
}

/** What clients of the Funkwhale API look for on a 401. */
const unauthenticatedText = 'Authentication credentials were not provided.'
/** And on a 403 for what a token may not do. */
const forbiddenText = 'You do not have permission to perform this action.'

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../lib/problem.ts'
import { answerApiError } from './api-errors.ts'
import { ErrorPage } from './error-page.tsx'
import type { Pages } from './pages.ts'
import { toProblem } from './problems.ts'

/** Errors for people: a page; who is not signed in and has to be is sent to log in and back again. */
export function pageErrors(pages: Pages) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = toProblem(error, request.log)
    if (problem?.kind === 'unauthenticated' && (request.method === 'GET' || request.method === 'HEAD')) {
      return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303)
    }
    if (problem?.kind === 'throttled' && !isForPeople(request)) return answerApiError(problem, request, reply)
    if (problem !== undefined) reply.headers(problem.headers)
    return pages.send(reply, errorPage(pages, problem, request, reply), { status: problem?.status ?? 500 })
  }
}

/** Browsers say that they want a page; programs are told in theirs when to come back (S74). */
export function isForPeople({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '')
}

function errorPage(pages: Pages, problem: Problem | undefined, request: FastifyRequest, reply: FastifyReply) {
  const page = pages.context(request, reply)
  if (problem === undefined) return <ErrorPage page={page} status={500} reference={request.id} />
  const retryAfter = problem.headers['retry-after']
  return (
    <ErrorPage
      page={page}
      status={pageStatus(problem)}
      {...(usualKinds.has(problem.kind) ? {} : { message: explain(problem) })}
      {...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) })}
    />
  )
}

/** For these the page's own words say it better. */
const usualKinds = new Set<Problem['kind']>([
  'unauthenticated',
  'not_found',
  'unavailable',
  'throttled',
  'method_not_allowed',
])

function explain({ message, fields }: Problem): string {
  if (fields === undefined) return message
  return Object.entries(fields)
    .map(([field, messages]) => `${field}: ${Object.values(messages).flat().join(' ')}`)
    .join(' ')
}

const pageStatuses = [400, 401, 403, 404, 405, 429, 500, 503] as const

function pageStatus({ status }: Problem): (typeof pageStatuses)[number] {
  return pageStatuses.find((known) => known === status) ?? 400
}

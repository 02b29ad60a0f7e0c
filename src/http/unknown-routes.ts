import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '../lib/problem.ts'
import { isMastodonApi, isMastodonOAuth } from './mastodon-paths.ts'
import { isForPeople } from './page-errors.tsx'

type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

export interface Dialects {
  api: AnswerError
  oauth: AnswerError
  mastodon: AnswerError
}

/** How programs are told of errors around a path. */
export function dialectOf(url: string, { api, oauth, mastodon }: Dialects): AnswerError {
  if (isMastodonApi(url)) return mastodon
  return url.startsWith('/api/v1/oauth/') || isMastodonOAuth(url) ? oauth : api
}

/** A path that leads nowhere is answered in the dialect of its surroundings; people get a page. */
export function unknownRoutes(app: FastifyInstance, dialects: Dialects, page: AnswerError): void {
  const answer: AnswerError = (error, request, reply) => {
    const isPage = !request.url.startsWith('/api/') && isForPeople(request)
    const answerError = isPage ? page : dialectOf(request.url, dialects)
    return answerError(error, request, reply)
  }
  app.setNotFoundHandler((request, reply) => answer(notFound(), request, reply))
  app.setErrorHandler(answer)
}

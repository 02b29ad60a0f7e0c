import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '../lib/problem.ts'
import { isMastodonApi, isMastodonOAuth } from './mastodon-paths.ts'

type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** A path that leads nowhere is answered in the dialect of its surroundings; people get a page. */
export function unknownRoutes(
  app: FastifyInstance,
  { api, oauth, mastodon, page }: Record<'api' | 'oauth' | 'mastodon' | 'page', AnswerError>,
): void {
  const answer: AnswerError = (error, request, reply) => {
    if (request.url.startsWith('/api/v1/oauth/')) return oauth(error, request, reply)
    if (isMastodonApi(request.url)) return mastodon(error, request, reply)
    const isForPeople = !request.url.startsWith('/api/') && /\btext\/html\b/.test(request.headers.accept ?? '')
    if (isForPeople) return page(error, request, reply)
    return isMastodonOAuth(request.url) ? oauth(error, request, reply) : api(error, request, reply)
  }
  app.setNotFoundHandler((request, reply) => answer(notFound(), request, reply))
  app.setErrorHandler(answer)
}

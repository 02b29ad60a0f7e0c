import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { registerWithMethods } from './methods.ts'

type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** One group of routes that answers errors in one dialect. */
export async function registerSurface(
  app: FastifyInstance,
  answerError: AnswerError,
  routes: FastifyPluginAsync,
): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler(answerError)
    await registerWithMethods(scope, routes)
  })
}

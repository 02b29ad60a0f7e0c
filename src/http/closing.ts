import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/**
 * What is in flight when the pod closes is answered on connections that then end: nobody holds the pod up by keeping one
 * open (S87).
 */
export const lastAnswers = fp(async (app: FastifyInstance) => {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.raw.setHeader('connection', 'close')
    done(null, payload)
  })
})

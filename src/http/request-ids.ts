import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

const header = 'x-request-id'

/**
 * Names each request in the log and in its answer, differently in every process. Where a proxy stands in front, the name
 * that it gave is kept, so that its log and this one can be read together.
 */
export function requestIds({
  fromProxy,
}: {
  fromProxy: boolean
}): (request: Pick<IncomingMessage, 'headers'>) => string {
  const process_ = randomBytes(6).toString('base64url')
  let count = 0
  return ({ headers }) => {
    const given = fromProxy ? headers[header] : undefined
    if (typeof given === 'string' && /^[\w.:=+/-]{1,100}$/.test(given)) return given
    count += 1
    return `${process_}-${count.toString(36)}`
  }
}

/** Says in each answer what the log calls it. */
export const answerRequestIds = fp(async (app: FastifyInstance) => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.setHeader(header, request.id)
    done()
  })
})

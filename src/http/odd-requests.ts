import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../lib/problem.ts'
import { throwing } from './hooks.ts'

/** What Node would answer by itself, or let pass, is answered here like everything else: counted, and in words. */
export const oddRequests = fp(async (app: FastifyInstance) => {
  const { server } = app
  server.on('connect', (_request, socket) => {
    // Node looks after this socket no longer.
    socket.on('error', () => socket.destroy())
    server.emit('clientError', Object.assign(new Error('A tunnel'), { code: 'ERR_METHOD_NOT_ALLOWED' }), socket)
  })
  // An expectation that nobody knows may be ignored (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  app.addHook('onRequest', throwing(refuseAmbiguity))
})

/** Proxies and servers could take different ones (RFC 9112 §3.2); of two tokens, one is too many (RFC 6750 §2). */
function refuseAmbiguity({ raw: { rawHeaders, httpVersion } }: FastifyRequest): void {
  let hosts = 0
  let credentials = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
    else if (name.length === 13 && name.toLowerCase() === 'authorization') credentials += 1
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) throw malformed('There must be one Host header.')
  if (credentials > 1) throw malformed('There must be no more than one Authorization header.')
}

function malformed(message: string): Problem {
  return new Problem('malformed', message)
}

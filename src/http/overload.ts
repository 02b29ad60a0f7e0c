import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { PoolFigures } from '../db/database.ts'
import { Problem } from '../lib/problem.ts'

/** On average over a second; then whatever is accepted waits longer than people do. */
const mostEventLoopDelayMs = 1_000
const sampleIntervalMs = 1_000
/** More requests than this that wait for a connection would wait in vain: it is given up after some seconds. */
const mostWaiting = 1_000

/** Turns requests away at the door while there are more than the pod can answer (S86). Health is told all the same. */
export const overload = fp(async (app: FastifyInstance, { pool }: { pool: PoolFigures }) => {
  await app.register(underPressure, {
    maxEventLoopDelay: mostEventLoopDelayMs,
    sampleInterval: sampleIntervalMs,
    pressureHandler: async (request) => {
      if (!isHealth(request)) throw overloaded()
    },
  })
  app.addHook('onRequest', (request, _reply, done) => {
    if (pool.waitingCount > mostWaiting && !isHealth(request)) done(overloaded())
    else done()
  })
})

function isHealth({ url }: FastifyRequest): boolean {
  return url.startsWith('/health/')
}

function overloaded(): Problem {
  return new Problem('unavailable', 'The server has too much to do. Please try again in a few seconds.', {
    headers: { 'retry-after': '5' },
  })
}

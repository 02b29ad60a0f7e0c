import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { answerApiError } from '../../src/http/api-errors.ts'
import { overload } from '../../src/http/overload.ts'

async function aPod(waitingCount: number) {
  const app = Fastify()
  app.setErrorHandler(answerApiError)
  await app.register(overload, { pool: { totalCount: 10, idleCount: 0, waitingCount } })
  for (const path of ['/health/live', '/api/v1/instance']) app.get(path, async () => ({}))
  return app
}

test('while a thousand requests wait for a connection, the next is turned away at once, health is told (S86)', async () => {
  const app = await aPod(1_001)
  const refused = await app.inject({ url: '/api/v1/instance' })
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5'])
  expect((await app.inject({ url: '/health/live' })).statusCode).toBe(200)
  await app.close()
})

test('a pod that keeps up turns nobody away', async () => {
  const app = await aPod(999)
  expect((await app.inject({ url: '/api/v1/instance' })).statusCode).toBe(200)
  await app.close()
})

test('while the process lags behind by more than a second, requests are turned away, health is told (S86)', async () => {
  const app = await aPod(0)
  await app.ready()
  const end = performance.now() + 3_500
  let statuses: number[] = []
  while (performance.now() < end && !statuses.includes(503)) {
    const busyUntil = performance.now() + 1_300
    while (performance.now() < busyUntil);
    await new Promise((resolve) => setTimeout(resolve, 5))
    const answers = await Promise.all(['/api/v1/instance', '/health/live'].map((url) => app.inject({ url })))
    statuses = answers.map(({ statusCode }) => statusCode)
  }
  expect(statuses).toEqual([503, 200])
  await app.close()
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { buildApp } from '../src/app.ts'
import { startTracing } from '../src/tracing.ts'
import { testApp } from './support/app.ts'

/** Where traces are collected. */
async function aCollector() {
  const received: Buffer[] = []
  const server = createServer(async (request, response) => {
    for await (const chunk of request) received.push(chunk)
    received.push(Buffer.from(request.url ?? ''))
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, text: () => Buffer.concat(received).toString('latin1'), server }
}

test('traces name the route of each request and never its query, where codes and tokens are (S94)', async () => {
  const collector = await aCollector()
  const pod = await testApp()
  const tracing = await startTracing({ otelEndpoint: collector.url })
  const app = await buildApp(pod.services, { logger: false, tracing: tracing?.plugin })
  const { headers } = await app.inject({ url: '/api/v1/oauth/apps/somebody?token=bla_secret&code=blc_secret' })
  await app.inject({ url: '/nowhere/at-all?token=bla_secret' })
  await app.inject({ url: '/health/live' })
  await tracing?.stop()
  const sent = collector.text()
  expect(sent).toContain('/v1/traces')
  expect(sent).toContain('/api/v1/oauth/apps/:client_id')
  expect(sent).toContain(String(headers['x-request-id']))
  expect(sent).not.toMatch(/bla_secret|blc_secret|\/health\/live/)
  await app.close()
  collector.server.close()
})

test('without a collector there are no traces', async () => {
  expect(await startTracing({ otelEndpoint: undefined })).toBeUndefined()
})

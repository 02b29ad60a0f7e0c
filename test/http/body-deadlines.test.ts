import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listeningApp, type TestApp } from '../support/app.ts'
import { anUploader } from '../support/uploading.ts'

let pod: TestApp & { url: string }
let sockets: Socket[] = []
beforeEach(async () => {
  pod = await listeningApp()
})
afterEach(async () => {
  vi.useRealTimers()
  for (const socket of sockets) socket.destroy()
  sockets = []
  await pod.close()
})

/** A request of which only the beginning of the body is sent. */
async function begin(path: string, headers: Record<string, string>): Promise<{ socket: Socket; read: () => string }> {
  const socket = connect(Number(new URL(pod.url).port), '127.0.0.1')
  sockets.push(socket)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'connect')
  const received = new Promise((resolve) => pod.app.server.once('request', resolve))
  const lines = Object.entries({ host: 'x', 'content-length': '1000', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n--between`)
  await received
  return { socket, read: () => answer }
}

test('a body that does not arrive within a minute of the first byte is refused (S88)', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { socket, read } = await begin('/api/v1/oauth/token', { 'content-type': 'application/json' })
  const closed = once(socket, 'close')
  vi.advanceTimersByTime(35_000)
  await closed
  expect(read()).toContain('408 Request Timeout')
})

test('a file may take longer', async () => {
  const { headers } = await anUploader(pod)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { socket, read } = await begin('/api/v1/uploads/', {
    'content-type': 'multipart/form-data; boundary=between',
    ...headers,
  })
  vi.advanceTimersByTime(60 * 60_000)
  expect(read()).toBe('')
  expect(socket.closed).toBe(false)
})

test('a file that is refused may not take longer (S88)', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { socket, read } = await begin('/api/v1/uploads/', { 'content-type': 'multipart/form-data; boundary=between' })
  const closed = once(socket, 'close')
  await vi.waitFor(() => expect(read()).toContain('401 Unauthorized'))
  vi.advanceTimersByTime(35_000)
  await closed
})

test('headers have half a minute, and nobody may be silent for more than one (S88)', () => {
  const { headersTimeout, keepAliveTimeout, timeout } = pod.app.server
  const interval = Reflect.get(pod.app.server, 'connectionsCheckingInterval') as unknown
  expect(headersTimeout + Number(interval)).toBeLessThanOrEqual(30_000)
  expect(Math.max(keepAliveTimeout, timeout)).toBeLessThanOrEqual(60_000)
})

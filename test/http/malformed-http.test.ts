import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listeningApp } from '../support/app.ts'

let pod: Awaited<ReturnType<typeof listeningApp>>
beforeAll(async () => {
  pod = await listeningApp()
})
afterAll(() => pod.close())

/** Everything that comes back for these bytes, until the pod closes the connection or a second has passed. */
async function sendBytes(bytes: string, { url } = pod): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let received = ''
  socket.on('data', (data) => {
    received += data.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.setTimeout(1000, () => socket.destroy())
  socket.write(Buffer.from(bytes, 'latin1'))
  await once(socket, 'close')
  return received
}

const request = (line: string, ...headers: string[]) => `${[line, 'host: x', ...headers, '', ''].join('\r\n')}`

describe('what is not HTTP (S61)', () => {
  test.each<[string, string, number]>([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['an unknown method', request('FROBNICATE / HTTP/1.1'), 400],
    ['an unknown version', request('GET / HTTP/9.9'), 400],
    ['a blank in the address', request('GET /a b HTTP/1.1'), 400],
    ['NUL in a header', request('GET / HTTP/1.1', 'x: a\0b'), 400],
    ['a header without a colon', request('GET / HTTP/1.1', 'nonsense'), 400],
    ['two lengths', request('POST /login HTTP/1.1', 'content-length: 1', 'content-length: 2'), 400],
    ['a length and chunks', request('POST /login HTTP/1.1', 'content-length: 1', 'transfer-encoding: chunked'), 400],
    ['a negative length', request('POST /login HTTP/1.1', 'content-length: -1'), 400],
    [
      'a chunk that is none',
      `${request('POST /login HTTP/1.1', 'content-type: application/json', 'transfer-encoding: chunked')}zz\r\n`,
      400,
    ],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two Hosts', request('GET / HTTP/1.1', 'host: y'), 400],
    ['two credentials', request('GET /login HTTP/1.1', 'authorization: Bearer a', 'authorization: Bearer b'), 400],
    ['a tunnel', request('CONNECT pod.example:80 HTTP/1.1'), 405],
    ['20 kB of headers', request('GET / HTTP/1.1', `x: ${'a'.repeat(20_000)}`), 431],
    ['20 kB of address', request(`GET /${'a'.repeat(20_000)} HTTP/1.1`), 431],
  ])('%s is refused, and the pod goes on', async (_, bytes, status) => {
    const answer = await sendBytes(bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect((await fetch(`${pod.url}/login`)).status).toBe(200)
  })

  test.each<[string, string, number]>([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a tunnel', request('CONNECT pod.example:80 HTTP/1.1'), 405],
    ['an expectation that nobody knows', request('GET /api/v1/nothing HTTP/1.1', 'expect: miracle'), 404],
  ])('%s is counted like everything else (S74)', async (_, bytes, status) => {
    const limited = await listeningApp({ throttlingEnabled: true })
    const answer = await sendBytes(bytes, limited)
    const next = await fetch(`${limited.url}/api/v1/nothing`)
    await limited.close()
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer.toLowerCase()).toContain('x-ratelimit-remaining: 999\r\n')
    expect(next.headers.get('x-ratelimit-remaining')).toBe('998')
  })

  test('is told so in the shape of all errors (S72)', async () => {
    const answer = await sendBytes('nonsense\r\n\r\n')
    expect(answer).toContain('content-type: application/json')
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({ detail: 'The request is malformed.' })
  })
})

describe('bodies that are not what they say', () => {
  test('5 MB in chunks are refused before they are all there (S89)', async () => {
    const head = request(
      'POST /api/v1/oauth/token HTTP/1.1',
      'content-type: application/json',
      'transfer-encoding: chunked',
    )
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    expect(await sendBytes(head + chunk + chunk)).toMatch(/^HTTP\/1.1 413 /)
  })

  test.each(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b'])(
    'a %s body that announces 5 MB is refused at once (S89)',
    async (type) => {
      const head = request('POST /api/v1/oauth/apps HTTP/1.1', `content-type: ${type}`, 'content-length: 5000000')
      expect(await sendBytes(`${head}{`)).toMatch(/^HTTP\/1.1 413 /)
    },
  )

  test('who asks for a tunnel hears that there is nothing to do there (RFC 9110 §15.5.6)', async () => {
    const answer = await sendBytes(request('CONNECT pod.example:80 HTTP/1.1'))
    expect(answer).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: ?\r\n/s)
  })

  test('a tunnel that is given up at once hurts nobody (S91)', async () => {
    for (let time = 0; time < 20; time += 1) {
      const socket = connect(Number(new URL(pod.url).port), '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      socket.write(request('CONNECT pod.example:80 HTTP/1.1'))
      if (time % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      socket.resetAndDestroy()
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await fetch(`${pod.url}/login`)).status).toBe(200)
  })

  test('a body that is cut off hurts nobody (S91)', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b']) {
      const socket = connect(Number(new URL(pod.url).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(request('POST /api/v1/oauth/apps HTTP/1.1', `content-type: ${type}`, 'content-length: 500'))
      socket.write('--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nx')
      await once(socket, 'connect')
      await new Promise((resolve) => setTimeout(resolve, 50))
      socket.destroy()
    }
    expect((await fetch(`${pod.url}/login`)).status).toBe(200)
  })
})

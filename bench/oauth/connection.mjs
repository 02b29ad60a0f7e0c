import { once } from 'node:events'
import { connect } from 'node:net'

/** One keep-alive connection, one request at a time. Far cheaper than an HTTP client, so that what is measured is the server. */
export class Connection {
  #socket
  #received = ''
  #resolve
  #reject

  static async open(port) {
    const connection = new Connection()
    connection.#socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(connection.#socket, 'connect')
    connection.#socket
      .setEncoding('latin1')
      .on('data', (chunk) => connection.#take(chunk))
      .on('error', (error) => connection.#reject?.(error))
      .on('close', () => connection.#reject?.(new Error('The server has hung up')))
    return connection
  }

  /** @returns status, head and body of the answer */
  ask(bytes) {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#socket.write(bytes)
    })
  }

  close() {
    this.#reject = undefined
    this.#socket.destroy()
  }

  #take(chunk) {
    this.#received = this.#received === '' ? chunk : this.#received + chunk
    const text = this.#received
    const headEnd = text.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const end = endOfBody(text, headEnd + 4)
    if (end === undefined) return
    this.#received = ''
    this.#resolve({ status: text.slice(9, 12), head: text.slice(0, headEnd), body: text.slice(headEnd + 4, end) })
  }
}

function endOfBody(text, start) {
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, start))?.[1]
  if (length !== undefined) return text.length >= start + Number(length) ? start + Number(length) : undefined
  if (/\r\ntransfer-encoding: chunked/i.test(text.slice(0, start)))
    return text.endsWith('0\r\n\r\n') ? text.length : undefined
  return start
}

export function get(path, headers = {}) {
  return request('GET', path, headers)
}

export function postForm(path, fields, headers = {}) {
  return request(
    'POST',
    path,
    { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    new URLSearchParams(fields).toString(),
  )
}

export function postJson(path, value, headers = {}) {
  return request('POST', path, { 'content-type': 'application/json', ...headers }, JSON.stringify(value))
}

function request(method, path, headers, body) {
  const all = {
    host: 'localhost',
    ...headers,
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', body ?? ''].join('\r\n')
}

export function header({ head }, name) {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]
}

/** Cookies that an answer sets, as a browser sends them back. */
export function cookiesOf({ head }) {
  return [...head.matchAll(/^set-cookie: ([^;\r\n]*)/gim)].map(([, cookie]) => cookie)
}

export function expectStatus(answer, expected) {
  if (answer.status !== String(expected))
    throw new Error(`${answer.status} instead of ${expected}:\n${answer.head}\n\n${answer.body}`)
  return answer
}

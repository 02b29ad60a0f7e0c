import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Sends requests over keep-alive connections, each waiting for the answer before the next, and counts the answers. Far
 * cheaper than an HTTP client, so that what is measured is the pod.
 * @param requestOf the bytes of the next request; undefined = there is none
 */
export async function load(port, { connections, requestOf }) {
  const statuses = {}
  const count = (status) => {
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  await Promise.all(Array.from({ length: connections }, () => converse(port, requestOf, count)))
  return statuses
}

async function converse(port, requestOf, count) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  let received = ''
  const ask = () => {
    const request = requestOf()
    if (request === undefined) socket.end()
    else socket.write(request)
  }
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += chunk
    const end = endOfAnswer(received)
    if (end === undefined) return
    count(received.slice(9, 12))
    received = received.slice(end)
    ask()
  })
  ask()
  await once(socket, 'close')
}

function endOfAnswer(text) {
  const headers = text.indexOf('\r\n\r\n')
  if (headers < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, headers))?.[1])
  if (Number.isNaN(length)) throw new Error(`An answer without a length:\n${text.slice(0, headers)}`)
  return text.length >= headers + 4 + length ? headers + 4 + length : undefined
}

export function httpRequest(path, headers = {}) {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

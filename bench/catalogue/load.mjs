import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Sends requests over keep-alive connections, each waiting for the answer before the next.
 * @param requestOf the bytes of the next request; undefined = there is none
 * @returns for each answer its status, bytes and milliseconds
 */
export async function load(port, { connections, requestOf }) {
  const answers = []
  await Promise.all(Array.from({ length: connections }, () => converse(port, requestOf, answers)))
  return answers
}

async function converse(port, requestOf, answers) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  let since = 0
  let chunks = []
  let left
  const ask = () => {
    const request = requestOf()
    if (request === undefined) return socket.end()
    since = performance.now()
    return socket.write(request)
  }
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    left = left === undefined ? bytesLeft(Buffer.concat(chunks)) : left - chunk.length
    if (left !== 0) return
    const answer = Buffer.concat(chunks)
    const status = answer.toString('latin1', 9, 12)
    answers.push({ status, bytes: answer.length, milliseconds: performance.now() - since, answer })
    chunks = []
    left = undefined
    ask()
  })
  ask()
  await once(socket, 'close')
}

/** Undefined = the headers are not complete. */
function bytesLeft(answer) {
  const headers = answer.indexOf('\r\n\r\n')
  if (headers < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer.toString('latin1', 0, headers))?.[1])
  if (Number.isNaN(length)) throw new Error(`An answer without a length:\n${answer.toString('latin1', 0, headers)}`)
  return headers + 4 + length - answer.length
}

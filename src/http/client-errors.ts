import type { Socket } from 'node:net'

const answers = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'The request took too long.']],
  // Nothing is allowed there (RFC 9110 §10.2.1).
  ['ERR_METHOD_NOT_ALLOWED', ['405 Method Not Allowed', 'Method "CONNECT" not allowed.', 'allow: ']],
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'Address and headers are too long.']],
])

const malformed = ['400 Bad Request', 'The request is malformed.']

/** Refuses what is not HTTP, for which there is no request and no route. */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  moreHeaders: Record<string, string> = {},
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, detail, ...own] = answers.get(error.code ?? '') ?? malformed
  const body = JSON.stringify({ detail })
  const more = Object.entries(moreHeaders).map(([name, value]) => `${name}: ${value}`)
  const headers = [
    `content-length: ${body.length}`,
    'content-type: application/json',
    'connection: close',
    ...own,
    ...more,
  ]
  socket.end([`HTTP/1.1 ${status}`, ...headers, '', body].join('\r\n'), () => socket.destroy())
}

import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** S88: who sends a header or a byte of body a second, or nothing, is cut; nobody else notices. */
export async function testSlowClients(report, { visitor }) {
  report.title('Slow clients (S88); this takes more than a minute')
  const { hostname, port } = new URL(visitor.url)
  const open = () => connect({ host: hostname, port: Number(port) })
  const head =
    'POST /api/v1/oauth/apps/ HTTP/1.1\r\nHost: pod\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n'
  const idle = Array.from({ length: 300 }, open)
  for (const socket of idle) socket.on('error', () => {})
  const cut = Promise.all([
    lifeOf(open(), 'GET / HTTP/1.1\r\nHost: pod\r\n', () => 'X-Slow: 1\r\n'),
    lifeOf(open(), head, () => ' '),
    lifeOf(open(), ''),
  ])
  await setTimeout(1_000)
  const answers = await Promise.all(Array.from({ length: 50 }, () => visitor.ask('/health/live')))
  const slowest = Math.round(Math.max(...answers.map(({ ms }) => ms)))
  report.check(
    '300 idle connections bother nobody',
    answers.every(({ status }) => status === 200),
    `slowest of 50 ${slowest} ms`,
  )
  const [headers, body, silent] = await cut
  report.check('headers that do not end are cut', headers <= 31, `after ${headers} s`)
  report.check('a body that does not end is cut', body <= 61, `after ${body} s`)
  report.check('a silent connection is cut', silent <= 61, `after ${silent} s`)
  for (const socket of idle) socket.destroy()
}

/** @returns for how many seconds the server bore with it */
async function lifeOf(socket, first, more) {
  const since = performance.now()
  let isOpen = true
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.resume()
  if (first !== '') socket.write(first)
  closed.then(() => {
    isOpen = false
  })
  while (isOpen && performance.now() - since < 120_000) {
    await Promise.race([setTimeout(1_000), closed])
    if (isOpen && more !== undefined) socket.write(more())
  }
  socket.destroy()
  return Math.round((performance.now() - since) / 1000)
}

import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'

/** S87: stop accepting, finish what is in flight, also bodies still arriving, exit 0 within 10 s. */
export async function testEnding(report, setting) {
  const { visitor, pod, server } = setting
  report.title('SIGTERM with requests in flight (S87)')
  const agent = new Agent({ keepAlive: true })
  await get(agent, `${visitor.url}/health/live`)
  const holder = new pg.Client(server.url)
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE MODE')
  const inFlight = visitor.register()
  const arriving = slowBody(visitor.url)
  await setTimeout(500)
  const since = performance.now()
  const ended = pod.stop('SIGTERM')
  await setTimeout(500)
  report.check('new connections are refused', await isRefused(visitor.url))
  await holder.query('ROLLBACK')
  await holder.end()
  arriving.finish()
  const [answer, late] = await Promise.all([inFlight, arriving.status])
  report.check('a request that waits for the database is answered', answer.status === 201, String(answer.status))
  report.check('a request whose body was still arriving is answered', late === 201, String(late))
  const code = await ended
  const ms = Math.round(performance.now() - since)
  report.check('the process ends with status 0 within 10 s', code === 0 && ms < 10_000, `status ${code}, ${ms} ms`)
  agent.destroy()
}

function get(agent, url) {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => response.resume().once('end', () => resolve(response.statusCode)))
      .once('error', reject)
      .end()
  })
}

function slowBody(url) {
  const body = JSON.stringify({ name: 'Slow', redirect_uris: 'https://app.example/callback', scopes: 'read' })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  let sending
  const status = new Promise((resolve) => {
    sending = request(`${url}/api/v1/oauth/apps/`, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sending.once('error', (error) => resolve(error.code))
    sending.write(body.slice(0, 20))
  })
  return { status, finish: () => sending.end(body.slice(20)) }
}

function isRefused(url) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })
}

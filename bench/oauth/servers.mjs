import { generateKeyPairSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { throwawayFolder } from '../../scripts/throwaway/folder.mjs'
import { freePort, ThrowawayPod } from '../../scripts/throwaway/pod.mjs'
import { Connection, cookiesOf, expectStatus, get, postForm, postJson } from './connection.mjs'
import { decideByInteraction, decideOnPage, ofBearer, operationsOf, redirectUri } from './operations.mjs'
import { startServer } from './server-process.mjs'

const file = (path) => fileURLToPath(new URL(path, import.meta.url))
const password = 'correct horse battery'
/** Tokens that take turns; so many are in use at the same time. */
const tokenCount = 100

/** Everything that limits, checks and logs is on, as in production; only nobody reaches a limit. */
const scopes = ['anonymous-wildcard', 'authenticated-wildcard', 'anonymous-oauth-app', 'authenticated-retrieve']
const limits = [...scopes, 'oauth-authorize', 'oauth-token', 'login']
  .map((scope) => `${scope}=999999999/hour`)
  .join(',')

/** A pod with one user, one client and some tokens; and the floors on the same database. */
export async function startBaleen(database, nodeArguments) {
  const folder = throwawayFolder('bench')
  const url = await newDatabase(database, 'pod')
  const env = {
    DATABASE_URL: url,
    DATA_DIR: folder,
    THROTTLING_RATES: limits,
    LOG_LEVEL: process.env.BENCH_LOG_LEVEL ?? 'info',
  }
  const port = await freePort()
  const server = await startServer(file('../../dist/server.js'), { cwd: folder, port, env, args: nodeArguments })
  const admin = new ThrowawayPod({ folder, port, env })
  const names = ['--username', 'alice', '--email', 'alice@example.org']
  const { status, output } = await admin.admin(['users', 'create', ...names], { BALEEN_PASSWORD: password })
  if (status !== 0) throw new Error(output)
  const connection = await Connection.open(port)
  const setting = {
    paths: { authorize: '/authorize', token: '/api/v1/oauth/token', register: '/api/v1/oauth/register' },
    client: await registerClient(connection, '/api/v1/oauth/apps', {
      name: 'Bench',
      redirect_uris: redirectUri,
      scopes: 'read',
    }),
    scope: 'read:libraries',
    cookies: await logIn(connection),
    decide: decideOnPage,
  }
  const { 'code flow': flow } = operationsOf(setting)
  const tokens = []
  const browser = {}
  while (tokens.length < tokenCount) tokens.push((await flow.operation(connection, browser)).access_token)
  connection.close()
  const bearer = { path: '/api/v1/licenses/cc0-1.0', tokens }
  return { server, operations: operationsOf({ ...setting, bearer }), url, setting, tokens }
}

export async function startFloors({ url, setting, tokens }) {
  const server = await startServer(file('floors.mjs'), {
    cwd: file('../..'),
    port: await freePort(),
    env: { DATABASE_URL: url },
  })
  const paths = { authorize: '/authorize', token: '/token', register: '/register' }
  const of = (path) => ({ 'bearer check': { operation: ofBearer({ path, tokens }) } })
  const l2 = operationsOf({ ...setting, paths, bearer: { path: '/l2', tokens } })
  return { server, l1: of('/l1'), l4: of('/l4'), l2 }
}

export async function startPeer(database) {
  const url = await newDatabase(database, 'peer')
  const port = await freePort()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwks = { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] }
  const env = { DATABASE_URL: url, JWKS: JSON.stringify(jwks) }
  const server = await startServer(file('peer.mjs'), { cwd: file('../..'), port, env })
  const connection = await Connection.open(port)
  const metadata = {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  }
  const setting = {
    paths: { authorize: '/auth', token: '/token', register: '/reg' },
    client: await registerClient(connection, '/reg', metadata),
    scope: 'read',
    cookies: [],
    decide: decideByInteraction,
  }
  const { 'code flow': withOpenId } = operationsOf({ ...setting, scope: 'openid' })
  const tokens = []
  const browser = {}
  while (tokens.length < tokenCount) tokens.push((await withOpenId.operation(connection, browser)).access_token)
  connection.close()
  return { server, operations: operationsOf({ ...setting, bearer: { path: '/me', tokens } }) }
}

async function newDatabase(database, name) {
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const url = new URL(database.url)
  url.pathname = `/${name}`
  return url.href
}

async function registerClient(connection, path, metadata) {
  const registered = JSON.parse(expectStatus(await connection.ask(postJson(path, metadata)), 201).body)
  return { id: registered.client_id, secret: registered.client_secret }
}

async function logIn(connection) {
  const form = expectStatus(await connection.ask(get('/login')), 200)
  const csrf = cookiesOf(form).find((cookie) => cookie.startsWith('csrftoken='))
  const fields = { username: 'alice', password, csrfmiddlewaretoken: csrf.slice('csrftoken='.length) }
  const answer = await connection.ask(postForm('/api/v1/users/login', fields, { cookie: csrf }))
  return cookiesOf(expectStatus(answer, 200)).filter((cookie) => /^(sessionid|csrftoken)=/.test(cookie))
}

/**
 * What the same work costs at least, on Fastify and node-postgres alone: an answer without any work (L1), a token that is
 * known in memory (L4), and prepared statements that do the least that is correct (L2), on the pod's own tables. Checks
 * nothing that a statement does not check, limits nobody, writes no log.
 */
import { createHash, createHmac, hash, randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { LRUCache } from 'lru-cache'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const app = Fastify({ logger: false })
await app.register(formbody)

const digest = (text) => hash('sha256', text, 'buffer')
const newSecret = () => `xxx_${randomBytes(32).toString('base64url')}`
const after = (seconds) => new Date(Date.now() + seconds * 1000)
const prepared =
  (name, text) =>
  async (...values) =>
    (await pool.query({ name, text, values })).rows

const answer = {
  code: 'cc0-1.0',
  name: 'CC0 - Public domain',
  url: 'https://creativecommons.org/publicdomain/zero/1.0/',
}
const schema = { response: { 200: { type: 'object', additionalProperties: { type: 'string' } } } }
const bearerOf = ({ headers }) => headers.authorization.slice(7)

app.get('/l1', { schema }, async () => answer)

const known = new LRUCache({ max: 20_000 })
app.get('/l4', { schema }, async (request, reply) => {
  const token = bearerOf(request)
  const key = hash('sha256', token, 'base64')
  const entry = known.get(key)
  if (entry === undefined) known.set(key, { expiresAt: Date.now() + 3_600_000 })
  else if (entry.expiresAt <= Date.now()) return reply.code(401).send({})
  return answer
})

const findToken = prepared(
  'bearer',
  `SELECT f.user_id, f.client_id, t.scopes FROM tokens t
    JOIN token_families f ON f.id = t.family_id JOIN clients c ON c.id = f.client_id JOIN users u ON u.id = f.user_id
  WHERE t.access_hash = $1 AND t.access_expires_at > $2 AND u.is_active`,
)
app.get('/l2', { schema }, async (request, reply) => {
  const [row] = await findToken(digest(bearerOf(request)), new Date())
  return row === undefined ? reply.code(401).send({}) : answer
})

const findClient = prepared('client', 'SELECT id, scopes FROM clients WHERE client_id = $1 AND secret_hash = $2')
const insertForClient = prepared(
  'credentials',
  `WITH family AS (INSERT INTO token_families (client_id, scopes, rotation_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) RETURNING id)
  INSERT INTO tokens (family_id, access_hash, access_expires_at, scopes, created_at) SELECT id, $6, $5, $2, $4 FROM family`,
)
const rotate = prepared(
  'rotate',
  `WITH presented AS (
    UPDATE tokens t SET rotated_at = $1, access_hash = NULL FROM token_families f JOIN clients c ON c.id = f.client_id
    WHERE t.refresh_hash = $2 AND f.id = t.family_id AND t.rotated_at IS NULL AND t.refresh_expires_at > $1
      AND c.client_id = $3 AND c.secret_hash = $4
    RETURNING t.id, t.family_id, t.scopes)
  INSERT INTO tokens (family_id, predecessor_id, access_hash, access_expires_at, scopes, refresh_hash, refresh_expires_at, created_at)
  SELECT family_id, id, $5, $6, scopes, $7, $8, $1 FROM presented RETURNING scopes`,
)
const exchange = prepared(
  'exchange',
  `WITH consumed AS (
    UPDATE authorization_codes a SET used_at = $1 FROM grants g JOIN clients c ON c.id = g.client_id
    WHERE a.code_hash = $2 AND g.id = a.grant_id AND a.used_at IS NULL AND a.expires_at > $1
      AND c.client_id = $3 AND c.secret_hash = $4 AND a.redirect_uri = $5 AND a.code_challenge = $6
    RETURNING a.id, a.grant_id, a.scopes, g.user_id, g.client_id
  ), family AS (
    INSERT INTO token_families (client_id, user_id, grant_id, code_id, scopes, rotation_key, created_at, expires_at)
    SELECT client_id, user_id, grant_id, id, scopes, $7, $1, $8 FROM consumed RETURNING id, scopes)
  INSERT INTO tokens (family_id, access_hash, access_expires_at, scopes, refresh_hash, refresh_expires_at, created_at)
  SELECT id, $9, $10, scopes, $11, $8, $1 FROM family RETURNING scopes`,
)

const grants = {
  async client_credentials({ client_id, client_secret }) {
    const [client] = await findClient(client_id, digest(client_secret))
    if (client === undefined) return undefined
    const access = newSecret()
    await insertForClient(client.id, client.scopes, randomBytes(32), new Date(), after(36_000), digest(access))
    return { access, scopes: client.scopes }
  },
  async refresh_token({ client_id, client_secret, refresh_token }) {
    const [access, refresh] = [
      newSecret(),
      `xxx_${createHmac('sha256', 'key').update(refresh_token).digest('base64url')}`,
    ]
    const dates = [after(36_000), digest(refresh), after(2_592_000)]
    const secrets = [digest(refresh_token), client_id, digest(client_secret), digest(access)]
    const [row] = await rotate(new Date(), ...secrets, ...dates)
    return row && { access, refresh, scopes: row.scopes }
  },
  async authorization_code({ client_id, client_secret, code, redirect_uri, code_verifier }) {
    const [access, refresh] = [newSecret(), newSecret()]
    const challenge = createHash('sha256').update(code_verifier).digest('base64url')
    const presented = [digest(code), client_id, digest(client_secret), redirect_uri, challenge]
    const dates = [randomBytes(32), after(2_592_000), digest(access), after(36_000), digest(refresh)]
    const [row] = await exchange(new Date(), ...presented, ...dates)
    return row && { access, refresh, scopes: row.scopes }
  },
}

app.post('/token', async ({ body }, reply) => {
  const issued = await grants[body.grant_type](body)
  if (issued === undefined) return reply.code(400).send({ error: 'invalid_grant' })
  reply.header('cache-control', 'no-store')
  const { access, refresh, scopes } = issued
  return {
    access_token: access,
    refresh_token: refresh,
    expires_in: 36_000,
    token_type: 'Bearer',
    scope: scopes.join(' '),
  }
})

const findSession = prepared(
  'session',
  'SELECT u.id, u.username FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id_hash = $1 AND s.expires_at > $2 AND u.is_active',
)
const findByRedirect = prepared(
  'redirect',
  'SELECT id, name FROM clients WHERE client_id = $1 AND $2 = ANY (redirect_uris)',
)
const keep = prepared(
  'keep',
  `INSERT INTO authorization_requests (id_hash, user_id, client_id, requested_redirect_uri, redirect_uri, scopes, state, code_challenge, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)`,
)
const decide = prepared(
  'decide',
  `WITH decided AS (
    UPDATE authorization_requests SET decided_at = $1 WHERE id_hash = $2 AND user_id = $3 AND decided_at IS NULL AND expires_at > $1 RETURNING *
  ), granted AS (
    INSERT INTO grants AS g (user_id, client_id, scopes, created_at, updated_at) SELECT user_id, client_id, scopes, $1, $1 FROM decided
    ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = excluded.updated_at RETURNING id
  ), issued AS (
    INSERT INTO authorization_codes (code_hash, grant_id, requested_redirect_uri, redirect_uri, scopes, code_challenge, created_at, expires_at)
    SELECT $4, granted.id, redirect_uri, redirect_uri, scopes, code_challenge, $1, $5 FROM decided, granted)
  SELECT redirect_uri, state FROM decided`,
)
const userOf = async ({ headers }) =>
  (await findSession(digest(/sessionid=([^;]*)/.exec(headers.cookie)[1]), new Date()))[0]

app.get('/authorize', async (request, reply) => {
  const { client_id, redirect_uri, scope, state, code_challenge } = request.query
  const user = await userOf(request)
  const [client] = await findByRedirect(client_id, redirect_uri)
  if (user === undefined || client === undefined) return reply.code(400).send({})
  const id = newSecret()
  await keep(
    digest(id),
    user.id,
    client.id,
    redirect_uri,
    scope.split(' '),
    state,
    code_challenge,
    new Date(),
    after(3600),
  )
  const form = `<form method="post"><input name="csrfmiddlewaretoken" value="x"><input name="request_id" value="${id}"></form>`
  return reply.type('text/html').send(`<!doctype html><title>${client.name}</title><p>${user.username}</p>${form}`)
})

app.post('/authorize', async (request, reply) => {
  const user = await userOf(request)
  const code = newSecret()
  const [row] = await decide(new Date(), digest(request.body.request_id), user.id, digest(code), after(300))
  if (row === undefined) return reply.code(400).send({})
  return reply.redirect(`${row.redirect_uri}?${new URLSearchParams({ code, state: row.state })}`, 303)
})

const register = prepared(
  'register',
  `INSERT INTO clients (client_id, name, redirect_uris, scopes, grant_types, secret_hash, origin, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'dynamic', $7, $7)`,
)
app.post('/register', async ({ body }, reply) => {
  const [id, secret] = [newSecret(), newSecret()]
  const grantTypes = ['authorization_code', 'refresh_token']
  await register(id, body.client_name, body.redirect_uris, ['read'], grantTypes, digest(secret), new Date())
  return reply.code(201).send({ client_id: id, client_secret: secret, client_secret_expires_at: 0, ...body })
})

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })

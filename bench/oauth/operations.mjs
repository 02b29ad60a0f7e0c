import { createHash, randomBytes } from 'node:crypto'
import { cookiesOf, expectStatus, get, header, postForm, postJson } from './connection.mjs'

export const redirectUri = 'https://app.example/callback'

/** What one kind of server is asked; each operation ends with a success, or the measurement with an error. */
export function operationsOf({ paths, client, scope, cookies, decide, bearer }) {
  const credentials = { client_id: client.id, client_secret: client.secret }
  const token = async (connection, fields) =>
    JSON.parse(expectStatus(await connection.ask(postForm(paths.token, { ...credentials, ...fields })), 200).body)

  /** Each connection is a browser of its own. */
  const flow = async (connection, state) => {
    state.cookies ??= [...cookies]
    const verifier = randomBytes(32).toString('base64url')
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: redirectUri,
      scope,
      state: 'xyz',
      prompt: 'consent',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    const location = await decide(connection, `${paths.authorize}?${query}`, state.cookies)
    const code = new URL(location).searchParams.get('code')
    const exchange = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
    return token(connection, exchange)
  }

  return {
    'bearer check': bearer && { operation: ofBearer(bearer) },
    refresh: {
      prepare: async (connection) => ({ refreshToken: (await flow(connection, {})).refresh_token }),
      operation: async (connection, state) => {
        const fields = { grant_type: 'refresh_token', refresh_token: state.refreshToken }
        state.refreshToken = (await token(connection, fields)).refresh_token
      },
    },
    'code flow': { operation: flow },
    'client credentials': {
      operation: (connection) => token(connection, { grant_type: 'client_credentials', scope: 'read' }),
    },
    registration: {
      operation: async (connection) => {
        const metadata = { client_name: 'Bench', redirect_uris: [redirectUri] }
        expectStatus(await connection.ask(postJson(paths.register, metadata)), 201)
      },
    },
  }
}

export function ofBearer({ path, tokens }) {
  const requests = tokens.map((token) => get(path, { authorization: `Bearer ${token}` }))
  let next = 0
  return async (connection) => {
    const answer = await connection.ask(requests[next++ % requests.length])
    if (answer.status !== '200') expectStatus(answer, 200)
  }
}

/** The consent page and its form, on one address. */
export async function decideOnPage(connection, url, cookies) {
  const page = expectStatus(await connection.ask(get(url, { cookie: cookies.join('; ') })), 200)
  const field = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)?.[1]
  const fields = {
    csrfmiddlewaretoken: field('csrfmiddlewaretoken'),
    request_id: field('request_id'),
    decision: 'allow',
    scopes: 'read:libraries',
  }
  const form = postForm(url.split('?')[0], fields, { cookie: cookies.join('; ') })
  return header(expectStatus(await connection.ask(form), 303), 'location')
}

/** Sent on from address to address, with the cookies that each gives, until it leads to the client. */
export async function decideByInteraction(connection, url, cookies) {
  const jar = new Map(cookies.map((cookie) => [cookie.split('=')[0], cookie]))
  const follow = async (request) => {
    const answer = await connection.ask(request({ cookie: [...jar.values()].join('; ') }))
    for (const cookie of cookiesOf(answer)) jar.set(cookie.split('=')[0], cookie)
    return answer
  }
  const pathOf = (answer) => new URL(header(expectStatus(answer, 303), 'location'), 'http://localhost')
  let next = pathOf(await follow((headers) => get(url, headers)))
  while (next.origin !== new URL(redirectUri).origin) {
    const path = next.pathname
    if (path.startsWith('/interaction/')) {
      expectStatus(await follow((headers) => get(path, headers)), 200)
      next = pathOf(await follow((headers) => postForm(path, {}, headers)))
    } else next = pathOf(await follow((headers) => get(path, headers)))
  }
  cookies.splice(0, cookies.length, ...[...jar.values()].filter((cookie) => cookie.startsWith('_session')))
  return next.href
}

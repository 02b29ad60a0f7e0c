/**
 * A web app with a server of its own: the authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636) as a confidential
 * client. The browser never sees a token.
 *
 *   node examples/web-app.mjs http://127.0.0.1:5000 8123
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as oauth from 'openid-client'

const pod = new URL(process.argv[2] ?? 'http://127.0.0.1:5000')
const port = Number(process.argv[3] ?? 8123)
const home = `http://127.0.0.1:${port}`
const redirectUri = `${home}/callback`
const scope = 'read:profile write:playlists'

// A real app registers once and keeps client id and secret.
const server = await oauth.dynamicClientRegistration(
  pod,
  {
    client_name: 'Tempo on the web',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    scope,
  },
  undefined,
  { algorithm: 'oauth2', execute: pod.protocol === 'http:' ? [oauth.allowInsecureRequests] : [] },
)

/** What the app knows of its visitors, by cookie. A real app keeps this in its database. */
const visitors = new Map()

const pages = {
  async '/'(visitor) {
    if (visitor.tokens === undefined) return html('<a href="/login">Sign in with your pod</a>')
    const { username } = await ask(visitor, 'GET', '/api/v1/users/me')
    return html(
      `<p>Hello ${asText(username)}</p><a href="/playlist">Make a playlist</a> <a href="/logout">Sign out</a>`,
    )
  },

  async '/login'(visitor) {
    visitor.verifier = oauth.randomPKCECodeVerifier()
    visitor.state = oauth.randomState()
    const address = oauth.buildAuthorizationUrl(server, {
      redirect_uri: redirectUri,
      scope,
      state: visitor.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(visitor.verifier),
      code_challenge_method: 'S256',
    })
    return goTo(address.href)
  },

  // Checks state (RFC 6749 §10.12) and issuer (RFC 9207) before it trades the code.
  async '/callback'(visitor, url) {
    const { verifier, state } = visitor
    const tokens = await oauth.authorizationCodeGrant(server, url, { pkceCodeVerifier: verifier, expectedState: state })
    remember(visitor, tokens)
    return goTo('/')
  },

  async '/playlist'(visitor) {
    const { name } = await ask(visitor, 'POST', '/api/v1/playlists/', { name: 'Made by Tempo' })
    return html(`<p>Made the playlist ${asText(name)}</p>`)
  },

  async '/logout'(visitor) {
    await oauth.tokenRevocation(server, visitor.tokens.refresh_token)
    visitor.tokens = undefined
    return goTo('/')
  },
}

createServer(async (request, response) => {
  const url = new URL(request.url, home)
  const id = /visitor=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? randomUUID()
  if (!visitors.has(id)) visitors.set(id, {})
  try {
    const answer = (await pages[url.pathname]?.(visitors.get(id), url)) ?? { status: 404, body: 'Not found' }
    response.writeHead(answer.status, {
      ...answer.headers,
      'set-cookie': `visitor=${id}; HttpOnly; SameSite=Lax; Path=/`,
    })
    response.end(answer.body)
  } catch (error) {
    // The user pressed “Deny”, or something is wrong: `error.error` says what, in the words of RFC 6749 §4.1.2.1.
    response.writeHead(400, { 'content-type': 'text/plain' })
    response.end(`That did not work: ${error.error ?? error.message}`)
  }
}).listen(port, '127.0.0.1', () => console.log(`Open ${home}`))

function remember(visitor, tokens) {
  visitor.tokens = tokens
  visitor.expiresAt = Date.now() + tokens.expires_in * 1000
}

async function ask(visitor, method, path, body) {
  if (Date.now() > visitor.expiresAt - 60_000) {
    remember(visitor, await oauth.refreshTokenGrant(server, visitor.tokens.refresh_token))
  }
  const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' })
  const { access_token: token } = visitor.tokens
  const answer = await oauth.fetchProtectedResource(
    server,
    token,
    new URL(path, pod),
    method,
    JSON.stringify(body),
    headers,
  )
  return answer.json()
}

const html = (body) => ({ status: 200, body, headers: { 'content-type': 'text/html; charset=utf-8' } })
const goTo = (location) => ({ status: 303, headers: { location } })
const asText = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

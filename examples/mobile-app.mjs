/**
 * The signing-in of an app on a phone or a desktop (RFC 8252): it opens the system's browser, and gets the answer at an
 * address that the system hands to it. Fit for React Native, Capacitor, Electron and the like: only `fetch`, `crypto`
 * and `URL` are used.
 */
import * as oauth from 'oauth4webapi'

const redirectUri = 'org.example.tempo:/signed-in'
const scope = 'read:profile read:playlists'

/** Registers the app with a pod; once per pod, as users may have theirs anywhere. Keep what it returns. */
export async function findPod(address) {
  const issuer = new URL(address)
  const options = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' }
  const server = await oauth
    .discoveryRequest(issuer, { algorithm: 'oauth2', ...options })
    .then((answer) => oauth.processDiscoveryResponse(issuer, answer))
  const metadata = {
    client_name: 'Tempo for phones',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    // An app in a store can be taken apart, so a secret in it would be none.
    token_endpoint_auth_method: 'none',
    scope,
  }
  const client = await oauth
    .dynamicClientRegistrationRequest(server, metadata, options)
    .then(oauth.processDynamicClientRegistrationResponse)
  return { server, client, options }
}

/** Where to send the system's browser. Keep `verifier` and `state` until it is back. */
export async function startSignIn({ server, client }) {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const address = new URL(server.authorization_endpoint)
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  return { address: address.href, verifier, state }
}

/** What the system was told to open the app with → tokens. Throws when the user said no. */
export async function finishSignIn({ server, client, options }, { verifier, state }, opened) {
  const parameters = oauth.validateAuthResponse(server, client, new URL(opened), state)
  return oauth
    .authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirectUri, verifier, options)
    .then((answer) => oauth.processAuthorizationCodeResponse(server, client, answer))
}

/** The next tokens. The refresh token that was used is over; keep the new one before anything else. */
export async function refresh({ server, client, options }, refreshToken) {
  return oauth
    .refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options)
    .then((answer) => oauth.processRefreshTokenResponse(server, client, answer))
}

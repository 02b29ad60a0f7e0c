/**
 * A command-line program that signs its user in with the device authorization grant (RFC 8628): it shows a short code,
 * the user types it into any browser, and the program gets its tokens.
 *
 *   node examples/command-line.mjs http://127.0.0.1:5000
 */
import * as oauth from 'openid-client'

const pod = new URL(process.argv[2] ?? 'http://127.0.0.1:5000')
// Only a pod on this machine may be asked without https.
const execute = pod.protocol === 'http:' ? [oauth.allowInsecureRequests] : []

// A program that anybody can read has no secret: it is a public client. A real one keeps its client id in a file.
const server = await oauth.dynamicClientRegistration(
  pod,
  {
    client_name: 'Tempo for the terminal',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    scope: 'read:profile read:favorites',
  },
  oauth.None(),
  { algorithm: 'oauth2', execute },
)

const device = await oauth.initiateDeviceAuthorization(server, { scope: 'read:profile read:favorites' })
console.log(`Open ${device.verification_uri} and enter ${device.user_code}`)

const tokens = await oauth.pollDeviceAuthorizationGrant(server, device)
const me = await ask('/api/v1/users/me', tokens.access_token)
console.log(`Hello ${me.username}`)

// Access tokens are short-lived; the refresh token gets the next one, and a new refresh token with it.
const renewed = await oauth.refreshTokenGrant(server, tokens.refresh_token)
const favorites = await ask('/api/v1/favorites/tracks/', renewed.access_token)
console.log(`You have ${favorites.count} favorites`)

await oauth.tokenRevocation(server, renewed.refresh_token)
console.log('Signed out')

async function ask(path, accessToken) {
  const answer = await oauth.fetchProtectedResource(server, accessToken, new URL(path, pod), 'GET')
  return answer.json()
}

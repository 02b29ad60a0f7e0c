// An app that lives in the browser alone: a public client with PKCE. It keeps its tokens in memory, so a reload asks the
// pod again; what the way there and back needs waits in sessionStorage.
import * as oauth from 'oauth4webapi'

const redirectUri = location.origin + location.pathname
const scope = 'read:profile'
const form = document.querySelector('#sign-in')
const kept = JSON.parse(sessionStorage.getItem('sign-in') ?? 'null')

form.addEventListener('submit', (event) => {
  event.preventDefault()
  startSignIn(new URL(new FormData(form).get('pod'))).catch(show)
})

if (new URLSearchParams(location.search).has('state') && kept !== null) finishSignIn(kept).catch(show)
else form.hidden = false

async function startSignIn(pod) {
  const server = await discover(pod)
  const metadata = {
    client_name: 'Tempo in the browser',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    scope,
  }
  const { client_id: clientId } = await oauth
    .dynamicClientRegistrationRequest(server, metadata, insecure(pod))
    .then(oauth.processDynamicClientRegistrationResponse)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  sessionStorage.setItem('sign-in', JSON.stringify({ pod: pod.href, clientId, verifier, state }))
  location.assign(
    `${server.authorization_endpoint}?${new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })}`,
  )
}

async function finishSignIn({ pod: address, clientId, verifier, state }) {
  const pod = new URL(address)
  const client = { client_id: clientId }
  const server = await discover(pod)
  const answer = new URL(location.href)
  // The code works once; nothing of it stays in the address or the history.
  sessionStorage.removeItem('sign-in')
  history.replaceState(null, '', redirectUri)
  const parameters = oauth.validateAuthResponse(server, client, answer, state)
  const tokens = await oauth
    .authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirectUri, verifier, insecure(pod))
    .then((response) => oauth.processAuthorizationCodeResponse(server, client, response))
  await welcome(pod, server, client, tokens)
}

async function welcome(pod, server, client, tokens) {
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  const { username } = await fetch(new URL('/api/v1/users/me', pod), { headers }).then((response) => response.json())
  document.querySelector('#name').textContent = username
  document.querySelector('#signed-in').hidden = false
  document.querySelector('#sign-out').addEventListener('click', async () => {
    await oauth.revocationRequest(server, client, oauth.None(), tokens.access_token, insecure(pod))
    location.assign(redirectUri)
  })
}

function discover(pod) {
  return oauth
    .discoveryRequest(pod, { algorithm: 'oauth2', ...insecure(pod) })
    .then((response) => oauth.processDiscoveryResponse(pod, response))
}

/** Only a pod on this machine may be asked without https. */
function insecure(pod) {
  return { [oauth.allowInsecureRequests]: pod.protocol === 'http:' }
}

function show(error) {
  document.querySelector('#problem').textContent = error.error_description ?? error.error ?? error.message
  form.hidden = false
}

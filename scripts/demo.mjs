/** Drives the whole authorization code flow against a throwaway pod, and shows every step as a curl command. */
import { createHash, randomBytes } from 'node:crypto'
import { bringUpToDate } from './build/build.mjs'
import { Curl, say } from './demo/curl.mjs'
import { throwawayFolder } from './throwaway/folder.mjs'
import { freePort, ThrowawayPod } from './throwaway/pod.mjs'

const apps = '/api/v1/oauth/apps/'
const me = '/api/v1/users/me/'
const outOfBand = 'urn:ietf:wg:oauth:2.0:oob'
const clientLogin = '$CLIENT_ID:$CLIENT_SECRET'

let steps = 0

function heading(text) {
  steps += 1
  say(
    `
${steps}. ${text}
`,
    'bold',
  )
}

async function createAccount(pod, curl) {
  heading('The admin creates an account')
  curl.set('PASSWORD', randomBytes(18).toString('hex'), '$(openssl rand -hex 18)')
  const args = ['users', 'create', '--username', 'alice', '--email', 'alice@example.org']
  say(`BALEEN_PASSWORD="$PASSWORD" npm run pod -- ${args.join(' ')}`, 'cyan')
  const { status, output } = await pod.admin(args, { BALEEN_PASSWORD: curl.variables.PASSWORD })
  say(output)
  if (status !== 0) throw new Error('The account was not created.')
}

async function addMusic(pod) {
  heading('The admin adds a few users with music, to have something to look at')
  say('npm run pod -- demo-data', 'cyan')
  const { status, output } = await pod.admin(['demo-data'])
  say(output.replace(/(password) \S+/, '$1 …'))
  if (status !== 0) throw new Error('There is no music.')
}

async function register(curl) {
  heading('An app registers itself')
  const form = { name: 'My player', redirect_uris: outOfBand, scopes: 'read write' }
  const { json } = await curl.send(apps, { form })
  curl.set('CLIENT_ID', json.client_id)
  curl.set('CLIENT_SECRET', json.client_secret)
}

async function authorize(curl) {
  heading('It sends its user to the authorization page, with a PKCE challenge')
  const verifier = randomBytes(32).toString('hex')
  curl.set('VERIFIER', verifier, '$(openssl rand -hex 32)')
  const sha256 = 'openssl dgst -sha256 -binary | openssl base64 -A'
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  curl.set('CHALLENGE', challenge, `$(printf %s "$VERIFIER" | ${sha256} | tr +/ -_ | tr -d =)`)
  const query = {
    response_type: 'code',
    client_id: '$CLIENT_ID',
    redirect_uri: outOfBand,
    scope: 'read:profile read:libraries read:playlists write:playlists',
    code_challenge: '$CHALLENGE',
    code_challenge_method: 'S256',
  }
  const sent = await curl.send('/authorize', { query, browser: true })

  heading('The user has to log in first; a browser does this for them')
  curl.set('LOGIN', sent.location, '…  # the location above')
  await curl.send('$LOGIN', { browser: true })
  setCsrf(curl)
  const next = new URLSearchParams(sent.location.split('?')[1]).get('next')
  curl.set('NEXT', next)
  const login = { csrfmiddlewaretoken: '$CSRF', username: 'alice', password: '$PASSWORD', next: '$NEXT' }
  await curl.send('/login', { form: login, browser: true })

  heading('Back on the authorization page, they untick one permission and allow the rest')
  const consent = await curl.send('$NEXT', { browser: true })
  setCsrf(curl)
  curl.set('REQUEST_ID', /name="request_id" value="([^"]+)"/.exec(consent.text)[1])
  const scopes = ['read:profile', 'read:libraries', 'read:playlists']
  const decision = { csrfmiddlewaretoken: '$CSRF', request_id: '$REQUEST_ID', scopes, decision: 'allow' }
  const allowed = await curl.send('/authorize', { form: decision, browser: true })

  heading('The page shows a code, which the user carries to the app')
  curl.set('LOCATION', allowed.location, '…  # the location above')
  const page = await curl.send('$LOCATION', { browser: true })
  curl.set('CODE', /<code[^>]*>([^<]+)<\/code>/.exec(page.text)[1])
}

/** Forms send back what stands in this cookie. */
function setCsrf(curl) {
  curl.set('CSRF', curl.cookie('csrftoken'), `$(awk '$6 == "csrftoken" { print $7 }' cookies)`)
}

async function useTokens(curl) {
  heading('The app trades the code for tokens')
  const exchange = {
    grant_type: 'authorization_code',
    code: '$CODE',
    redirect_uri: outOfBand,
    code_verifier: '$VERIFIER',
  }
  keep(curl, await curl.send('/api/v1/oauth/token', { user: clientLogin, form: exchange }))

  heading('It calls the API')
  await curl.send(me, { bearer: '$ACCESS_TOKEN' })

  heading('It looks for music, and plays the beginning of the first track')
  const found = await curl.send('/api/v1/tracks/', {
    query: { playable: 'true', page_size: '1' },
    bearer: '$ACCESS_TOKEN',
  })
  curl.set('LISTEN', found.json.results[0].listen_url)
  await expectStatus(206, curl.send('$LISTEN', { bearer: '$ACCESS_TOKEN', range: '0-65535' }))

  heading('It gets new tokens before the old ones expire; the old ones end')
  curl.set('OLD_TOKEN', curl.variables.ACCESS_TOKEN)
  const refresh = { grant_type: 'refresh_token', refresh_token: '$REFRESH_TOKEN' }
  keep(curl, await curl.send('/api/v1/oauth/token', { user: clientLogin, form: refresh }))
  await expectStatus(401, curl.send(me, { bearer: '$OLD_TOKEN' }))

  heading('It asks what a token is good for')
  const form = { token: '$ACCESS_TOKEN' }
  await curl.send('/api/v1/oauth/introspect', { user: clientLogin, form })

  heading('The user logs out of the app, which gives its tokens back')
  await curl.send('/api/v1/oauth/revoke', { user: clientLogin, form: { token: '$REFRESH_TOKEN' } })
  await expectStatus(401, curl.send(me, { bearer: '$ACCESS_TOKEN' }))
}

function keep(curl, { json }) {
  curl.set('ACCESS_TOKEN', json.access_token)
  curl.set('REFRESH_TOKEN', json.refresh_token)
}

async function expectStatus(expected, sent) {
  const { status } = await sent
  if (status !== expected) throw new Error(`Expected ${expected}, not ${status}.`)
}

await bringUpToDate()
const pod = new ThrowawayPod({ folder: throwawayFolder('demo'), port: await freePort() })
say('Starting a pod with an empty database, for this demo only …')
await pod.start()
const curl = new Curl()
curl.set('POD', pod.url)
await createAccount(pod, curl)
await addMusic(pod)
await register(curl)
await authorize(curl)
await useTokens(curl)
await pod.stop()
say('That was all of it; the pod is gone. To repeat it by hand: npm start, and set POD to the address that it prints.')

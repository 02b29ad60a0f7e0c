import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deviceCodeGrant } from '../../src/oauth/clients/clients.ts'
import { listeningApp, type TestApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { signedIn } from '../support/oauth-flow.ts'

// An independent client (oauth4webapi) that checks every answer by the RFCs, over real HTTP. It is told the issuer's
// address and nothing else.

const insecure = { [oauth.allowInsecureRequests]: true } as const
const redirectUri = 'https://app.example/callback?keep=1'
const grant_types = ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrant]

let pod: TestApp & { url: string }
let as: oauth.AuthorizationServer
beforeAll(async () => {
  pod = await listeningApp()
  const issuer = new URL(pod.url)
  const response = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
  as = await oauth.processDiscoveryResponse(issuer, response)
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

async function register(metadata: Partial<oauth.Client>): Promise<oauth.Client> {
  const wanted = { client_name: 'Player', redirect_uris: [redirectUri], scope: 'read write', grant_types, ...metadata }
  const response = await oauth.dynamicClientRegistrationRequest(as, wanted, insecure)
  return oauth.processDynamicClientRegistrationResponse(response)
}

interface Flow {
  client: oauth.Client
  clientAuth: oauth.ClientAuth
}

/** Sends a new user through the pages; what the client finds in the answer, checked for `state` and `iss` (RFC 9207). */
async function askUser(client: oauth.Client, scope: string) {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const { user, browser } = await signedIn(pod)
  const consent = await browser.get(`${url.pathname}${url.search}`)
  const answer = new URL((await browser.submit(consent, '/authorize', { decision: 'allow' })).url)
  return { user, verifier, parameters: oauth.validateAuthResponse(as, client, answer, state) }
}

async function codeFlow({ client, clientAuth }: Flow, scope = 'read') {
  const { user, verifier, parameters } = await askUser(client, scope)
  const exchange = () =>
    oauth.authorizationCodeGrantRequest(as, client, clientAuth, parameters, redirectUri, verifier, insecure)
  return { user, exchange, tokens: await oauth.processAuthorizationCodeResponse(as, client, await exchange()) }
}

async function refresh({ client, clientAuth }: Flow, refreshToken = '') {
  const response = await oauth.refreshTokenGrantRequest(as, client, clientAuth, refreshToken, insecure)
  return oauth.processRefreshTokenResponse(as, client, response)
}

const me = (token: string) =>
  oauth.protectedResourceRequest(token, 'GET', new URL(`${pod.url}/api/v1/users/me`), undefined, undefined, insecure)

const revoke = async ({ client, clientAuth }: Flow, token: string) =>
  oauth.processRevocationResponse(await oauth.revocationRequest(as, client, clientAuth, token, insecure))

const introspect = async ({ client, clientAuth }: Flow, token: string) => {
  const response = await oauth.introspectionRequest(as, client, clientAuth, token, insecure)
  return oauth.processIntrospectionResponse(as, client, response)
}

type Method = [string, (secret: string) => oauth.ClientAuth]

const withSecret: Method[] = [
  ['client_secret_basic', oauth.ClientSecretBasic],
  ['client_secret_post', oauth.ClientSecretPost],
]
const methods: Method[] = [...withSecret, ['none', () => oauth.None()]]

async function newFlow(...[method, authWith]: Method): Promise<Flow> {
  const usable = method === 'none' ? grant_types.filter((type) => type !== 'client_credentials') : grant_types
  const client = await register({ token_endpoint_auth_method: method, grant_types: usable })
  return { client, clientAuth: authWith(String(client.client_secret)) }
}

describe.each(methods)('a client of oauth4webapi with %s', (method, authWith) => {
  let flow: Flow
  beforeEach(async () => {
    flow = await newFlow(method, authWith)
  })

  test('discovers, registers, gets a code with PKCE and iss, trades it and reads who the user is', async () => {
    expect(flow.client).toHaveProperty('client_id')
    expect('client_secret' in flow.client).toBe(method !== 'none')
    const { user, tokens } = await codeFlow(flow)
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'read', expires_in: 36_000 })
    const resource = await me(tokens.access_token)
    expect(await resource.json()).toMatchObject({ username: user.username })
  })

  test('refreshes: the new pair works, the old access token does not', async () => {
    const { tokens } = await codeFlow(flow)
    const next = await refresh(flow, tokens.refresh_token)
    expect((await me(next.access_token)).status).toBe(200)
    await expect(me(tokens.access_token)).rejects.toThrow(oauth.WWWAuthenticateChallengeError)
    const last = await refresh(flow, next.refresh_token)
    await expect(refresh(flow, tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(me(last.access_token)).rejects.toThrow(oauth.WWWAuthenticateChallengeError)
  })

  test('is told invalid_grant when it uses its code twice', async () => {
    const { exchange } = await codeFlow(flow)
    const again = oauth.processAuthorizationCodeResponse(as, flow.client, await exchange())
    await expect(again).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
  })

  test('revokes', async () => {
    const { tokens } = await codeFlow(flow)
    await revoke(flow, tokens.refresh_token ?? '')
    await expect(refresh(flow, tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(me(tokens.access_token)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    })
  })

  test('gets tokens for a device, after waiting for the user', async () => {
    const { client, clientAuth } = flow
    const started = await oauth.deviceAuthorizationRequest(as, client, clientAuth, { scope: 'read' }, insecure)
    const device = await oauth.processDeviceAuthorizationResponse(as, client, started)
    const poll = async () => {
      const response = await oauth.deviceCodeGrantRequest(as, client, clientAuth, device.device_code, insecure)
      return oauth.processDeviceCodeResponse(as, client, response)
    }
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })

    const { user, browser } = await signedIn(pod)
    const { pathname, search } = new URL(device.verification_uri_complete ?? '')
    const consent = await browser.submit(await browser.get(`${pathname}${search}`), '/device')
    await browser.submit(consent, '/device', { decision: 'allow' })
    const tokens = await poll()
    expect(await (await me(tokens.access_token)).json()).toMatchObject({ username: user.username })
  })
})

describe.each(withSecret)('a client of oauth4webapi with %s, and so with a secret,', (method, authWith) => {
  let flow: Flow
  beforeEach(async () => {
    flow = await newFlow(method, authWith)
  })

  test('introspects its tokens', async () => {
    const { user, tokens } = await codeFlow(flow)
    const { client_id } = flow.client
    const expected = { active: true, client_id, iss: `${pod.url}/`, username: user.username, scope: 'read' }
    expect(await introspect(flow, tokens.access_token)).toMatchObject(expected)
    await revoke(flow, tokens.access_token)
    expect(await introspect(flow, tokens.access_token)).toEqual({ active: false })
  })

  test('acts for itself with client credentials', async () => {
    const { client, clientAuth } = flow
    const response = await oauth.clientCredentialsGrantRequest(as, client, clientAuth, { scope: 'read' }, insecure)
    const tokens = await oauth.processClientCredentialsResponse(as, client, response)
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(await introspect(flow, tokens.access_token)).toMatchObject({ active: true, sub: client.client_id })
  })
})

test('a token with too little scope is challenged with what it needs (RFC 6750 §3.1)', async () => {
  const client = await register({ token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] })
  const { tokens } = await codeFlow({ client, clientAuth: oauth.None() }, 'write:favorites')
  await expect(me(tokens.access_token)).rejects.toMatchObject({
    status: 403,
    cause: [{ scheme: 'bearer', parameters: { error: 'insufficient_scope', scope: 'read:profile' } }],
  })
})

test('an answer of another issuer would be noticed (RFC 9207 §2.4)', async () => {
  const client = await register({ token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] })
  const answer = new URL(`${redirectUri}&code=blc_x&iss=https%3A%2F%2Fevil.example`)
  expect(() => oauth.validateAuthResponse(as, client, answer)).toThrow(/iss/)
})

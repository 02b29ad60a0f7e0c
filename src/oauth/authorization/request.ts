import { narrowScopes } from '../../access/permission-rows.ts'
import { isKnownScope } from '../../access/scope-catalogue.ts'
import { clientCeiling, covers, expandScopes, parseScopeNames } from '../../access/scopes.ts'
import type { Client } from '../../db/generated/client.ts'
import { repeatedParameter } from '../../http/oauth-errors.ts'
import { Problem } from '../../lib/problem.ts'
import type { KnownClients } from '../../services.ts'
import { matchRedirectUri } from '../clients/redirect-uris.ts'

/** Parameters as they came: text, or a list when given more than once. */
export type Parameters = Record<string, unknown>

/** Where the answer goes; known before anything else is looked at (RFC 6749 §4.1.2.1). */
export interface Destination {
  client: Client
  redirectUri: string
  /** As sent; undefined = left out, the only registered one counts (RFC 6749 §3.1.2.3). */
  requestedRedirectUri: string | undefined
  state: string | undefined
}

/** Whose rules apply: at the paths that clients of Mastodon know, and to clients registered there, Mastodon's. */
export type Dialect = 'funkwhale' | 'mastodon'

/** An authorization request in which nothing is wrong. */
export interface CheckedRequest extends Destination {
  /** Names the client may have, in its words and order. */
  scopes: string[]
  /** S256 (RFC 7636 §4.2). */
  codeChallenge: string | undefined
}

/** Why a request is answered with a page and never with a redirect. */
export type DestinationFault = 'unknownClient' | 'badRedirect'

export class DestinationProblem extends Problem {
  readonly fault: DestinationFault
  constructor(fault: DestinationFault, message: string) {
    super('invalid_request', message)
    this.fault = fault
  }
}

/**
 * Finds client and redirect URI, byte for byte as registered.
 * @throws DestinationProblem when the answer has nowhere safe to go
 */
export async function readDestination(clients: KnownClients, parameters: Parameters): Promise<Destination> {
  const clientId = only(parameters, 'client_id')
  if (clientId === undefined) {
    throw new DestinationProblem('unknownClient', 'The parameter client_id is missing or given more than once.')
  }
  const client = await clients.find(clientId)
  if (client === undefined)
    throw new DestinationProblem('unknownClient', 'No application is registered with this client_id.')
  return { client, ...readRedirect(client, parameters), state: only(parameters, 'state') }
}

function readRedirect(
  client: Client,
  parameters: Parameters,
): Pick<Destination, 'redirectUri' | 'requestedRedirectUri'> {
  const given = parameters.redirect_uri === '' ? undefined : parameters.redirect_uri
  if (given !== undefined && typeof given !== 'string') {
    throw new DestinationProblem('badRedirect', 'The parameter redirect_uri is given more than once.')
  }
  const redirectUri = matchRedirectUri(client.redirectUris, given)
  if (redirectUri === undefined) {
    const message =
      given === undefined
        ? 'The parameter redirect_uri is missing, and the application has not registered exactly one.'
        : 'The redirect_uri is not one that the application has registered.'
    throw new DestinationProblem('badRedirect', message)
  }
  return { redirectUri, requestedRedirectUri: given }
}

const parameterNames = ['response_type', 'scope', 'state', 'code_challenge', 'code_challenge_method'] as const

/**
 * Checks the rest of the request.
 * @throws Problem of RFC 6749 §4.1.2.1, to be sent to the redirect URI
 */
export function checkRequest(
  destination: Destination,
  parameters: Parameters,
  endpoint: Dialect = 'funkwhale',
): CheckedRequest {
  for (const name of parameterNames) {
    if (Array.isArray(parameters[name])) throw repeatedParameter(name)
  }
  const { client } = destination
  const dialect = dialectOf(client, endpoint)
  checkResponseType(client, only(parameters, 'response_type'))
  return {
    ...destination,
    scopes: readScopes(client, only(parameters, 'scope'), dialect),
    codeChallenge: readChallenge(client, parameters, dialect),
  }
}

function dialectOf({ origin }: Client, endpoint: Dialect): Dialect {
  return origin === 'mastodon' ? 'mastodon' : endpoint
}

function checkResponseType(client: Client, responseType: string | undefined): void {
  if (responseType === undefined) throw new Problem('invalid_request', 'Missing parameter: response_type.')
  if (responseType !== 'code') throw new Problem('unsupported_response_type', 'Only response_type=code is supported.')
  if (client.grantTypes.includes('authorization_code')) return
  throw new Problem('unauthorized_client', 'This client has not registered the grant type authorization_code.')
}

/**
 * Asked for nothing, a client gets `read` if it registered that, else all it registered. By Mastodon's rules a client may
 * only ask for what it registered; by Funkwhale's it gets the part that it did.
 * @throws Problem `invalid_scope` for unknown names and when nothing is left (RFC 6749 §3.3)
 */
export function readScopes(client: Client, text: string | undefined, endpoint: Dialect = 'funkwhale'): string[] {
  const dialect = dialectOf(client, endpoint)
  const asked = text === undefined ? defaultScopes(client) : parseScopeNames(text)
  for (const name of asked) {
    if (!isKnownScope(name)) throw new Problem('invalid_scope', `Unknown scope: ${name.slice(0, 100)}.`)
    if (dialect === 'mastodon' && !covers(client.scopes, name)) {
      throw new Problem('invalid_scope', `The application has not registered the scope ${name}.`)
    }
  }
  const registered = expandScopes(client.scopes)
  const held = [...registered].filter((leaf) => clientCeiling.has(leaf))
  const granted = narrowScopes(asked, held).filter((name) => givesSomething(name) || covers(client.scopes, name))
  if (granted.length === 0) {
    throw new Problem(
      'invalid_scope',
      'The application has registered none of these scopes, or they cannot be granted.',
    )
  }
  return granted
}

/** Whether a token holds more for this name being in it; others stay in the answer only where they were registered. */
function givesSomething(name: string): boolean {
  return [...expandScopes([name])].some((leaf) => clientCeiling.has(leaf))
}

function defaultScopes(client: Client): string[] {
  return covers(client.scopes, 'read') ? ['read'] : client.scopes.filter(isKnownScope)
}

/** @throws Problem `invalid_request`: S256 is the only method, and public clients cannot do without (RFC 9700 §2.1.1) */
function readChallenge(client: Client, parameters: Parameters, dialect: Dialect): string | undefined {
  const challenge = only(parameters, 'code_challenge')
  if (challenge === undefined) {
    if (client.secretHash !== null) return undefined
    throw new Problem(
      'invalid_request',
      'This client has no secret, so it must send a code_challenge (PKCE, RFC 7636).',
    )
  }
  // Left out, the method is plain (RFC 7636 §4.3), except for clients of Mastodon, which only know S256.
  const method = only(parameters, 'code_challenge_method') ?? (dialect === 'mastodon' ? 'S256' : 'plain')
  if (method !== 'S256') throw new Problem('invalid_request', 'The code_challenge_method must be S256.')
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(challenge)) {
    throw new Problem('invalid_request', 'The code_challenge must be 43 to 128 unreserved characters.')
  }
  return challenge
}

/** Empty counts as absent, a list (given more than once) as no value at all (RFC 6749 §3.1). */
export function only(parameters: Parameters, name: string): string | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What a consent page shows, of a request as it came or as it was kept. */
export interface RequestOnPage {
  client: Client
  redirectUri: string
  requestedRedirectUri?: string | null | undefined
  scopes: string[]
  state?: string | null | undefined
  codeChallenge?: string | null | undefined
}

/** The path and query that make the same request again. @param path of the authorization endpoint */
export function authorizePath(request: RequestOnPage, path: string): string {
  const { client, requestedRedirectUri, scopes, state, codeChallenge } = request
  const query = new URLSearchParams({ response_type: 'code', client_id: client.clientId, scope: scopes.join(' ') })
  if (requestedRedirectUri) query.set('redirect_uri', requestedRedirectUri)
  if (state) query.set('state', state)
  if (codeChallenge) {
    query.set('code_challenge', codeChallenge)
    query.set('code_challenge_method', 'S256')
  }
  return `${path}?${query}`
}

import type { FastifyRequest } from 'fastify'
import type { Client } from '../../db/generated/client.ts'
import { Problem } from '../../lib/problem.ts'
import { digest, sameBytes } from '../../lib/secrets.ts'
import type { Services } from '../../services.ts'

interface Credentials {
  clientId: string
  secret: string | undefined
  method: 'basic' | 'body'
}

/**
 * Finds the client that makes this request and proves it (RFC 6749 §2.3): by HTTP Basic, by `client_id` and
 * `client_secret` in the body, or by `client_id` alone if the client has no secret. A PKCE verifier proves nothing about
 * the client. Unknown client and wrong, empty or missing secret look the same.
 * @throws Problem `invalid_client`; `invalid_request` when more than one way is used (RFC 6749 §2.3); `throttled` when
 *   too many secrets were wrong
 */
export async function authenticateClient(
  { clients, guesses }: Pick<Services, 'clients' | 'guesses'>,
  request: FastifyRequest,
): Promise<Client> {
  const credentials = readCredentials(request)
  const { clientId, secret, method } = credentials
  const client = await guesses.clientSecret(request, clientId, async () => {
    const found = await clients.find(clientId)
    return found !== undefined && provesItself(found, secret) ? found : undefined
  })
  if (client === undefined) throw invalidClient(method)
  return client
}

function provesItself({ secretHash }: Client, secret: string | undefined): boolean {
  if (secretHash === null) return secret === undefined
  return secret !== undefined && sameBytes(digest(secret), secretHash)
}

function readCredentials(request: FastifyRequest): Credentials {
  const body = (request.body ?? {}) as Record<string, unknown>
  const clientId = textOf(body, 'client_id')
  const secret = textOf(body, 'client_secret')
  const basic = readBasic(request.headers.authorization)
  if (basic === undefined) {
    if (clientId === undefined) throw invalidClient('body')
    return { clientId, secret, method: 'body' }
  }
  if (secret !== undefined) throw new Problem('invalid_request', 'Client credentials were sent in more than one way.')
  if (clientId !== undefined && clientId !== basic.clientId) {
    throw new Problem('invalid_request', 'Two different clients are named: client_id and HTTP Basic.')
  }
  return basic
}

/** An empty parameter counts as absent (RFC 6749 §3.2). */
function textOf(body: Record<string, unknown>, name: string): string | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** User name and password are form-encoded inside HTTP Basic (RFC 6749 §2.3.1). A bearer token is no client authentication. */
function readBasic(header: string | undefined): Credentials | undefined {
  if (header === undefined || header === '' || /^bearer(\s|$)/i.test(header)) return undefined
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1]
  if (encoded === undefined) throw invalidClient('basic')
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const clientId = formDecode(text.slice(0, Math.max(colon, 0)))
  const secret = formDecode(text.slice(colon + 1))
  if (colon < 1 || clientId === undefined || secret === undefined || clientId.includes('\0'))
    throw invalidClient('basic')
  return { clientId, secret: secret === '' ? undefined : secret, method: 'basic' }
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return undefined
  }
}

/** 401 names the scheme that the client tried (RFC 6749 §5.2). */
function invalidClient(method: Credentials['method']): Problem {
  const challenge = method === 'basic' ? 'Basic realm="oauth"' : 'Bearer realm="oauth", error="invalid_client"'
  return new Problem('invalid_client', 'Client authentication failed.', { headers: { 'www-authenticate': challenge } })
}

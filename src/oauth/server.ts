import OAuth2Server from '@node-oauth/oauth2-server'
import type { Origin } from '../audit/security-trail.ts'
import type { Client } from '../db/generated/client.ts'
import { Problem, type ProblemKind } from '../lib/problem.ts'
import type { IssuedTokens } from './tokens/token-pair.ts'

/** What one grant type does with a token request whose client has proved itself. */
export type GrantHandler = (client: Client, parameters: TokenParameters, origin: Origin) => Promise<IssuedTokens>

/** The parameters of a token request, each given at most once; an empty one is absent (RFC 6749 §3.2). */
export type TokenParameters = Record<string, string | undefined>

/**
 * Runs a token request through the library's checks, in its order: is this a grant type we know, may this client use it,
 * and only then the grant itself.
 * @throws Problem with a code of RFC 6749 §5.2
 */
export async function runGrant(
  handlers: Record<string, GrantHandler>,
  { client, parameters, origin }: { client: Client; parameters: TokenParameters; origin: Origin },
): Promise<IssuedTokens> {
  // The library has a password grant of its own, which nobody may reach (RFC 9700 §2.4).
  const { grant_type: name = '' } = parameters
  const handle = Object.hasOwn(handlers, name) ? handlers[name] : undefined
  if (handle === undefined) throw unsupported()
  const server = new OAuth2Server({ model: modelOf(client, () => handle(client, parameters, origin)), ...options })
  try {
    const token = await server.token(libraryRequest(client, parameters), new OAuth2Server.Response(), {
      extendedGrantTypes: { [name]: GrantType },
    })
    return token.issued as IssuedTokens
  } catch (error) {
    throw problemOf(error)
  }
}

/** The library wants lifetimes; ours are decided where tokens are made. */
const options = { accessTokenLifetime: 1, refreshTokenLifetime: 1 }

/** The library knows clients by what it needs of them. It asks again for the one that has already proved itself. */
function libraryClient({ clientId, grantTypes }: Client): OAuth2Server.Client {
  return { id: clientId, grants: grantTypes }
}

interface GrantingModel extends OAuth2Server.ExtensionModel {
  grant(): Promise<IssuedTokens>
}

function modelOf(client: Client, grant: GrantingModel['grant']): GrantingModel {
  const unused = async (): Promise<never> => {
    throw new Error('The grant types store tokens themselves')
  }
  return { getClient: async () => libraryClient(client), saveToken: unused, getAccessToken: unused, grant }
}

/** Names the client once more, as proved: the library demands a secret from every client, though it compares none. */
function libraryRequest({ clientId }: Client, parameters: TokenParameters): OAuth2Server.Request {
  return new OAuth2Server.Request({
    method: 'POST',
    query: {},
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '1' },
    body: { grant_type: parameters.grant_type, client_id: clientId, client_secret: 'proved' },
  })
}

/** Finds in the model what to do, so that one class does for all requests. */
class GrantType extends OAuth2Server.AbstractGrantType {
  declare readonly model: GrantingModel

  override async handle(_request: OAuth2Server.Request, client: OAuth2Server.Client): Promise<OAuth2Server.Token> {
    const issued = await this.model.grant()
    return { accessToken: issued.accessToken, client, user: {}, issued }
  }
}

function unsupported(): Problem {
  return new Problem('unsupported_grant_type', 'This grant type is not supported.')
}

const messages: Partial<Record<ProblemKind, string>> = {
  invalid_request: 'The request is malformed.',
  unauthorized_client: 'This client may not use this grant type.',
}

/** Our own refusals come back wrapped; the library's get our words, as some of its texts hold inner errors. */
function problemOf(error: unknown): unknown {
  if (!(error instanceof OAuth2Server.OAuthError)) return error
  const { inner } = error as { inner?: unknown }
  if (inner !== undefined && inner !== null) return inner
  const kind = error.name as ProblemKind
  const message = messages[kind]
  return message === undefined ? error : new Problem(kind, message, { cause: error.message })
}

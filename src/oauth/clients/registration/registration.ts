import type { z } from 'zod'
import { grantableScopes, parseScopeNames } from '../../../access/scopes.ts'
import { Problem } from '../../../lib/problem.ts'
import { defaultGrantTypes, type NewClient } from '../clients.ts'
import { checkRedirectUri, parseRedirectUris } from '../redirect-uris.ts'
import type { clientMetadata } from './schemas.ts'

/** How a client may authenticate itself at the token endpoint. */
export const authenticationMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const

/**
 * Client metadata as a client to be registered; what was left out gets the defaults of RFC 7591 §2.
 * @throws Problem `invalid_redirect_uri`, `invalid_client_metadata` (RFC 7591 §3.2.2)
 */
export function readClientMetadata(
  metadata: z.output<typeof clientMetadata>,
  rules: { allowHttp: boolean },
): NewClient {
  const authenticationMethod = readAuthenticationMethod(metadata.token_endpoint_auth_method)
  const isPublic = authenticationMethod === 'none'
  const grantTypes = readGrantTypes(metadata, isPublic)
  const redirectUris = readUris(metadata.redirect_uris ?? [], rules)
  if (redirectUris.length === 0 && grantTypes.includes('authorization_code')) {
    throw new Problem('invalid_redirect_uri', 'The grant type authorization_code needs at least one of redirect_uris.')
  }
  return {
    name: metadata.client_name ?? 'An application without a name',
    ...(metadata.client_uri !== undefined && { website: metadata.client_uri }),
    redirectUris,
    scopes: readRegisteredScopes(metadata.scope),
    grantTypes,
    origin: 'dynamic',
    isPublic,
    authenticationMethod,
  }
}

function readAuthenticationMethod(method = 'client_secret_basic'): string {
  if ((authenticationMethods as readonly string[]).includes(method)) return method
  throw invalidMetadata(`token_endpoint_auth_method must be one of ${authenticationMethods.join(', ')}.`)
}

/** Grant and response types have to fit one another (RFC 7591 §2.1). */
function readGrantTypes({ grant_types, response_types }: z.output<typeof clientMetadata>, isPublic: boolean): string[] {
  const grantTypes = [...new Set(grant_types ?? ['authorization_code'])]
  const known: readonly string[] = defaultGrantTypes
  const unknown = grantTypes.find((type) => !known.includes(type))
  if (unknown !== undefined) throw invalidMetadata(`grant_types may hold ${known.join(', ')}.`)
  if (grantTypes.length === 0) throw invalidMetadata('grant_types must not be empty.')
  if (isPublic && grantTypes.includes('client_credentials')) {
    throw invalidMetadata('grant_types: a client without a secret cannot use client_credentials.')
  }
  const usesCode = grantTypes.includes('authorization_code')
  const responseTypes = response_types ?? (usesCode ? ['code'] : [])
  if (responseTypes.some((type) => type !== 'code')) throw invalidMetadata('response_types may hold only code.')
  if (usesCode !== responseTypes.includes('code')) {
    throw invalidMetadata('response_types must hold code if and only if grant_types holds authorization_code.')
  }
  return grantTypes
}

function readUris(input: string[], rules: { allowHttp: boolean }): string[] {
  const parsed = parseRedirectUris(input)
  if (!parsed.ok) throw new Problem('invalid_redirect_uri', parsed.reason)
  for (const uri of parsed.uris) {
    const checked = checkRedirectUri(uri, rules)
    if (!checked.ok) throw new Problem('invalid_redirect_uri', checked.reason)
  }
  return parsed.uris
}

/** The answer says what was registered, so what no client can hold is left out (RFC 7591 §3.2.1). */
function readRegisteredScopes(scope = 'read'): string[] {
  const scopes = grantableScopes(parseScopeNames(scope))
  if (scopes.length === 0) throw invalidMetadata('scope holds nothing that this server knows.')
  return scopes
}

function invalidMetadata(message: string): Problem {
  return new Problem('invalid_client_metadata', message)
}

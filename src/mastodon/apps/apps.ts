import type { z } from 'zod'
import { isKnownScope } from '../../access/scope-catalogue.ts'
import { parseScopeNames } from '../../access/scopes.ts'
import { invalidField } from '../../lib/problem.ts'
import { type NewClient, readRedirectUris } from '../../oauth/clients/clients.ts'
import type { newApp } from './schemas.ts'

const outOfBand = 'urn:ietf:wg:oauth:2.0:oob'

/**
 * A registration as clients of Mastodon send it. Its tokens live until they are revoked, unless it asks for refresh tokens.
 * @throws Problem `invalid` naming the field
 */
export function readNewApp(body: z.output<typeof newApp>, rules: { allowHttp: boolean }): NewClient {
  // What a list holds may end in a line break, as text from a form does.
  const uris = readRedirectUris([body.redirect_uris].flat().join('\n'), rules)
  const refreshes = [body.grant_types].flat().some((text) => text.split(/[\s,]+/).includes('refresh_token'))
  return {
    name: body.client_name,
    ...(body.website !== undefined && { website: body.website }),
    redirectUris: uris.length === 0 ? [outOfBand] : uris,
    scopes: readScopeNames(body),
    grantTypes: ['authorization_code', 'client_credentials', ...(refreshes ? ['refresh_token'] : [])],
    origin: 'mastodon',
  }
}

/** Names that nobody knows go, as long as others remain. The singular is a common slip. */
function readScopeNames({ scopes, scope }: z.output<typeof newApp>): string[] {
  const named = parseScopeNames(scopes)
  const names = named.length > 0 ? named : parseScopeNames(scope)
  if (names.length === 0) return ['read']
  const known = names.filter(isKnownScope)
  if (known.length === 0) throw invalidField('scopes', `Unknown: ${names.join(' ').slice(0, 100)}.`)
  return known
}

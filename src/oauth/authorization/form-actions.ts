import { parseForm } from '../../http/form.ts'
import { isMastodonOAuth } from '../../http/mastodon-paths.ts'
import { Problem } from '../../lib/problem.ts'
import type { KnownClients } from '../../services.ts'
import { formActionSource } from '../clients/redirect-uris.ts'
import { checkRequest, DestinationProblem, type Dialect, readDestination } from './request.ts'

/** Whose rules apply at a path of the authorization endpoint. */
export function dialectAt(path: string): Dialect {
  return isMastodonOAuth(path) ? 'mastodon' : 'funkwhale'
}

/** Where a form may lead that ends at this redirect URI (CSP `form-action`). */
export function formActionsTo({ redirectUri }: { redirectUri: string }): string[] {
  const source = formActionSource(redirectUri)
  return source === undefined ? [] : [source]
}

/**
 * Where a form may lead (CSP `form-action`) that leads on to this path after a login. Chromium counts the redirects that
 * follow, and a faulty authorization request is redirected to its client as soon as there is a user.
 */
export async function formActionsBefore(next: string, clients: KnownClients): Promise<string[]> {
  const [path = '', query = ''] = next.split(/\?(.*)/s)
  if (!/^(?:\/oauth)?\/authorize\/?$/.test(path)) return []
  try {
    const parameters = parseForm(query)
    const destination = await readDestination(clients, parameters)
    return isFaulty(() => checkRequest(destination, parameters, dialectAt(path))) ? formActionsTo(destination) : []
  } catch (error) {
    // These end on a page of the pod.
    if (error instanceof DestinationProblem || (error instanceof Problem && error.kind === 'malformed')) return []
    throw error
  }
}

function isFaulty(check: () => unknown): boolean {
  try {
    check()
    return false
  } catch (error) {
    if (error instanceof Problem) return true
    throw error
  }
}

import type { User } from '../../src/db/generated/client.ts'
import type { TestApp } from './app.ts'
import { aClient } from './factories.ts'
import { someTokens } from './oauth-flow.ts'
import { bearer } from './requests.ts'

/** The header of a client that this user has allowed these scopes. */
export async function tokenOf(pod: TestApp, user: User, ...scopes: string[]): Promise<Record<string, string>> {
  const client = await aClient(pod.db, { scopes: ['read', 'write', 'profile'] })
  return bearer((await someTokens(pod, client, { user, scopes })).access_token)
}

/** The header of a user's own application, which may hold more than a client of others. */
export async function applicationTokenOf(pod: TestApp, user: User, ...scopes: string[]) {
  const { applicationToken } = await aClient(pod.db, { scopes, ownerId: user.id })
  return bearer(applicationToken)
}

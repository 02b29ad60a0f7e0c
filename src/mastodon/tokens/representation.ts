import type { z } from 'zod'
import type { tokenInfo } from './schemas.ts'
import type { UserToken } from './tokens.ts'

export function representToken(token: UserToken): z.output<typeof tokenInfo> {
  const { id, createdAt, lastUsedAt, expiresAt, scopes, client } = token
  return {
    id: String(id),
    created_at: createdAt,
    ...(lastUsedAt !== null && { last_used: lastUsedAt }),
    ...(expiresAt !== null && { expires_at: expiresAt }),
    scope: scopes.join(' '),
    application: { name: client.name, ...(client.website && { website: client.website }) },
  }
}

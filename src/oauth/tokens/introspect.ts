import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import type { Client } from '../../db/generated/client.ts'
import { unixSeconds } from '../../http/wire.ts'
import { digest } from '../../lib/secrets.ts'
import { issuerOf, subjectOf } from '../issuer.ts'
import type { introspection } from './schemas.ts'
import { earlier } from './token-pair.ts'

/**
 * What a client may know about a token of its own (RFC 7662 §2.2). Of tokens that are expired, revoked, unknown or
 * another client's it learns only that they are not active.
 */
export async function introspectToken(
  db: Database,
  { client, token, publicUrl }: { client: Client; token: string; publicUrl: string },
): Promise<z.output<typeof introspection>> {
  const hash = digest(token)
  const now = new Date()
  const found = await db.token.findFirst({
    where: {
      family: { clientId: client.id },
      OR: [
        { accessHash: hash, OR: [{ accessExpiresAt: null }, { accessExpiresAt: { gt: now } }] },
        { refreshHash: hash, rotatedAt: null, refreshExpiresAt: { gt: now } },
      ],
    },
    include: { family: { include: { user: true } } },
  })
  if (found === null || found.family.user?.isActive === false) return { active: false }
  const { family } = found
  const isAccess = found.accessHash !== null && Buffer.from(found.accessHash).equals(hash)
  if (!isAccess && family.expiresAt !== null && family.expiresAt <= now) return { active: false }
  const expiresAt = isAccess ? found.accessExpiresAt : earlier(found.refreshExpiresAt, family.expiresAt)
  return {
    active: true,
    client_id: client.clientId,
    scope: (isAccess ? found.scopes : family.scopes).join(' '),
    iss: issuerOf(publicUrl),
    iat: unixSeconds(found.createdAt),
    sub: family.user === null ? client.clientId : subjectOf(family.user.username, publicUrl),
    ...(isAccess && { token_type: 'Bearer' as const }),
    ...(expiresAt !== null && { exp: unixSeconds(expiresAt) }),
    ...(family.user !== null && { username: family.user.username }),
  }
}

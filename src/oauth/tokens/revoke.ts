import type { Database } from '../../db/database.ts'
import type { Client } from '../../db/generated/client.ts'
import { Problem } from '../../lib/problem.ts'
import { digest } from '../../lib/secrets.ts'

/**
 * Revokes a token and with it all of its family: access and refresh token end together. A client may also give up its
 * application token here. Unknown tokens are ignored: the client's goal is already met (RFC 7009 §2.2).
 * @returns whose access has ended; undefined = nobody's
 * @throws Problem `unauthorized_client` if the token belongs to another client
 */
export async function revokeToken(db: Database, client: Client, token: string): Promise<number | undefined> {
  const hash = digest(token)
  const family = await db.tokenFamily.findFirst({
    where: { tokens: { some: { OR: [{ accessHash: hash }, { refreshHash: hash }] } } },
    select: { id: true, clientId: true, userId: true },
  })
  if (family === null) {
    await db.client.updateMany({
      where: { id: client.id, applicationTokenHash: hash },
      data: { applicationTokenHash: null },
    })
    return undefined
  }
  if (family.clientId !== client.id) {
    throw new Problem('unauthorized_client', 'The token was issued to another client.')
  }
  const { count } = await db.tokenFamily.deleteMany({ where: { id: family.id } })
  return count === 0 ? undefined : (family.userId ?? undefined)
}

import type { Database } from '../../db/database.ts'
import { defaultGrantTypes } from '../../oauth/clients/clients.ts'

const clientId = 'baleen-api-explorer'

/** Where Swagger UI takes the authorization response. */
export function explorerRedirectUri(publicUrl: string): string {
  return `${publicUrl}/api/docs/files/oauth2-redirect.html`
}

/**
 * The public client (RFC 6749 §2.1) of the pod's own explorer; made on first use, and again should somebody have deleted
 * it or moved the pod.
 */
export async function explorerClientId(db: Database, publicUrl: string): Promise<string> {
  const redirectUris = [explorerRedirectUri(publicUrl)]
  const known = await db.client.findUnique({ where: { clientId }, select: { redirectUris: true } })
  if (known?.redirectUris[0] === redirectUris[0]) return clientId
  const now = new Date()
  const client = {
    name: 'API explorer',
    website: `${publicUrl}/api/docs`,
    redirectUris,
    scopes: ['read', 'write'],
    grantTypes: defaultGrantTypes.filter((type) => type === 'authorization_code' || type === 'refresh_token'),
    origin: 'funkwhale' as const,
    updatedAt: now,
  }
  await db.client.upsert({ where: { clientId }, update: client, create: { ...client, clientId, createdAt: now } })
  return clientId
}

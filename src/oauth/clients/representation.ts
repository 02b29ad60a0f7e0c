import type { z } from 'zod'
import type { Client } from '../../db/generated/client.ts'
import type { Registered } from './clients.ts'
import type { ownedClient, publicClient, registeredClient } from './schemas.ts'

export function representClient(client: Client): z.output<typeof publicClient> {
  return {
    client_id: client.clientId,
    name: client.name,
    scopes: client.scopes.join(' '),
    created: client.createdAt,
    updated: client.updatedAt,
  }
}

export function representOwnedClient({ client, applicationToken }: Registered): z.output<typeof ownedClient> {
  return {
    ...representClient(client),
    redirect_uris: client.redirectUris.join(' '),
    token: applicationToken ?? null,
  }
}

export function representRegistered({
  client,
  secret = '',
  applicationToken,
}: Registered): z.output<typeof registeredClient> {
  return {
    ...representClient(client),
    client_secret: secret,
    redirect_uris: client.redirectUris.join(' '),
    ...(applicationToken !== undefined && { token: applicationToken }),
  }
}

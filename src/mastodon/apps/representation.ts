import type { z } from 'zod'
import type { Client } from '../../db/generated/client.ts'
import type { Registered } from '../../oauth/clients/clients.ts'
import type { app, registeredApp } from './schemas.ts'

export function representApp({ id, name, website, scopes, redirectUris, createdAt }: Client): z.output<typeof app> {
  return {
    id: String(id),
    name,
    website,
    scopes,
    redirect_uris: redirectUris,
    redirect_uri: redirectUris.join('\n'),
    created_at: createdAt,
  }
}

export function representRegisteredApp({ client, secret = '' }: Registered): z.output<typeof registeredApp> {
  return {
    ...representApp(client),
    client_id: client.clientId,
    client_secret: secret,
    client_secret_expires_at: 0,
  }
}

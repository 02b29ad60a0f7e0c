import { z } from 'zod'
import type { Client } from '../../db/generated/client.ts'
import { representApp } from '../apps/representation.ts'
import { app } from '../apps/schemas.ts'

/** What its owner reads of an app; the secret is not kept, so it is not here. */
export const managedApp = app.extend({ client_id: z.string() })

export function representManagedApp(client: Client): z.output<typeof managedApp> {
  return { ...representApp(client), client_id: client.clientId }
}

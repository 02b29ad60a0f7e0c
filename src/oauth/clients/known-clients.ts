import { FreshCache } from '../../db/changes/fresh-cache.ts'
import type { DatabaseClient } from '../../db/database.ts'
import type { Client } from '../../db/generated/client.ts'
import type { KnownClients } from '../../services.ts'

/** About 2 kB each. */
const mostKnownClients = 5_000

/** Clients by their public id, kept in memory as long as they are certain to be as they were. */
export function knownClients(db: DatabaseClient): KnownClients {
  const known = new FreshCache<Client>(db.changes, { max: mostKnownClients })
  return {
    async find(clientId) {
      const found = known.get(clientId)
      if (found !== undefined) return found
      const keep = known.begin()
      const client = await db.client.findUnique({ where: { clientId } })
      if (client === null) return undefined
      keep(clientId, client, [`clients ${client.id}`])
      return client
    },
  }
}

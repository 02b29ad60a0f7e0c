import type { Database } from '../../db/database.ts'
import type { Client } from '../../db/generated/client.ts'
import { notFound } from '../../lib/problem.ts'
import { deleteClient } from '../../oauth/clients/clients.ts'
import type { Slice } from '../paging.ts'

export async function listManagedApps(db: Database, ownerId: number, { where, ...slice }: Slice): Promise<Client[]> {
  return db.client.findMany({ where: { ownerId, ...where }, ...slice })
}

/** @throws Problem `not_found` also when the app is somebody else's, or nobody's */
export async function findManagedApp(db: Database, ownerId: number, id: number): Promise<Client> {
  const client = await db.client.findFirst({ where: { id, ownerId } })
  if (client === null) throw notFound('client of this owner')
  return client
}

/** @throws Problem `not_found` also when the app is somebody else's, or nobody's */
export async function deleteManagedApp(db: Database, ownerId: number, id: number): Promise<Client> {
  const client = await findManagedApp(db, ownerId, id)
  await deleteClient(db, client.clientId, ownerId)
  return client
}

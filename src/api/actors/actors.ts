import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { notFound } from '../../lib/problem.ts'
import { representAttachment } from '../../media/representation.ts'
import { domainOf } from '../addresses.ts'
import { representContent } from '../content.ts'
import { representActor, representUserBasic } from './representation.ts'
import type { actorDetail } from './schemas.ts'

/**
 * The id of the user whom `name@domain` names.
 * @throws Problem `not_found`
 */
export async function findActorId(db: Database, fullUsername: string, publicUrl: string): Promise<number> {
  const key = fullUsername.toLowerCase()
  const ending = `@${domainOf(publicUrl)}`
  if (!key.endsWith(ending)) throw notFound('actor of another pod')
  const where = { usernameKey: key.slice(0, -ending.length) }
  const found = await db.user.findUnique({ where, select: { id: true } })
  if (found === null) throw notFound('actor')
  return found.id
}

/** @throws Problem `not_found` */
export async function showActor(
  db: Database,
  fullUsername: string,
  publicUrl: string,
): Promise<z.output<typeof actorDetail>> {
  const id = await findActorId(db, fullUsername, publicUrl)
  const user = await db.user.findUnique({ where: { id }, include: { avatar: true } })
  if (user === null) throw notFound('actor')
  const icon = user.avatar === null ? null : representAttachment(user.avatar, publicUrl)
  return {
    ...representActor(user, publicUrl),
    is_channel: false,
    user: representUserBasic(user, icon),
    summary: representContent(user.summaryText, user.summaryContentType),
    icon,
  }
}

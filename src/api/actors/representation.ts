import type { z } from 'zod'
import type { User } from '../../db/generated/client.ts'
import { writeMoment } from '../../http/wire.ts'
import type { attachment } from '../../media/representation.ts'
import { actorFidOf, domainOf } from '../addresses.ts'
import type { actor, userBasic } from './schemas.ts'

export type ActorRow = Pick<User, 'username' | 'name' | 'summaryText'> & {
  /** Or the JSON of it. */
  createdAt: Date | string
}

export function representActor(user: ActorRow, publicUrl: string): z.output<typeof actor> {
  const domain = domainOf(publicUrl)
  const createdAt = writeMoment(user.createdAt)
  return {
    fid: actorFidOf(user.username, publicUrl),
    url: `${publicUrl}/@${user.username}`,
    creation_date: createdAt,
    summary: user.summaryText,
    preferred_username: user.username,
    name: user.name || user.username,
    // What is of this pod is always fresh.
    last_fetch_date: createdAt,
    domain,
    type: 'Person',
    manually_approves_followers: false,
    full_username: `${user.username}@${domain}`,
    is_local: true,
  }
}

export type UserBasicRow = Pick<ActorRow, 'username' | 'name' | 'createdAt'> & Pick<User, 'id'>

export function representUserBasic(
  user: UserBasicRow,
  avatar: z.output<typeof attachment> | null,
): z.output<typeof userBasic> {
  return {
    id: user.id,
    username: user.username,
    name: user.name,
    date_joined: writeMoment(user.createdAt),
    avatar,
  }
}

import type { Database } from '../../db/database.ts'
import { isForeignKeyViolation } from '../../db/database.ts'
import type { Attachment, Prisma, User } from '../../db/generated/client.ts'
import { wholeBody } from '../../http/validation.ts'
import { invalidField, notFound, Problem } from '../../lib/problem.ts'
import type { RichTextType } from '../../lib/rich-text.ts'
import { unusedPicture } from '../../media/attachments.ts'
import type { Services } from '../../services.ts'
import { keyOf } from '../users.ts'

/** In characters, of all settings of one user together. */
const longestSettings = 50_000

const withAvatar = { avatar: true } as const satisfies Prisma.UserInclude

/** A user with what they show of themselves. */
export type Profile = User & { avatar: Attachment | null }

export interface ProfileChanges {
  name?: string | undefined
  privacyLevel?: string | undefined
  /** The uuid of a picture that the user has uploaded. */
  avatar?: string | undefined
  /** Null takes it away. */
  summary?: { text: string; type: RichTextType } | null | undefined
  instanceSupportMessageDisplayAt?: Date | null | undefined
  funkwhaleSupportMessageDisplayAt?: Date | null | undefined
}

/** @throws Problem `not_found` */
export async function findProfile(db: Database, userId: number): Promise<Profile> {
  const profile = await db.user.findUnique({ where: { id: userId }, include: withAvatar })
  if (profile === null) throw notFound('user')
  return profile
}

/**
 * Somebody whose account is not disabled, by name.
 * @throws Problem `not_found`
 */
export async function findProfileOf(db: Database, username: string): Promise<Profile> {
  const where = { usernameKey: keyOf(username), isActive: true }
  const profile = await db.user.findUnique({ where, include: withAvatar })
  if (profile === null) throw notFound('user of this name')
  return profile
}

/** @throws Problem `forbidden` when that is the name of somebody else, or of nobody */
export async function requireOwnName(db: Database, userId: number, username: string): Promise<void> {
  const self = await db.user.findUnique({ where: { id: userId }, select: { usernameKey: true } })
  if (keyOf(username) !== self?.usernameKey) {
    throw new Problem('forbidden', 'You do not have permission to perform this action: this is not you.')
  }
}

/**
 * Changes what is given. A picture that is replaced is deleted.
 * @throws Problem `invalid` naming `avatar`
 */
export async function changeProfile(
  { db, pictures }: Pick<Services, 'db' | 'pictures'>,
  userId: number,
  { avatar, summary, ...changes }: ProfileChanges,
): Promise<Profile> {
  const before = await findProfile(db, userId)
  const data = {
    ...given(changes),
    ...(avatar !== undefined && { avatarId: await findUsable(db, userId, avatar) }),
    ...(summary !== undefined && { summaryText: summary?.text ?? null, summaryContentType: summary?.type ?? null }),
  }
  const after = await db.user.update({ where: { id: userId }, data, include: withAvatar }).catch((error: unknown) => {
    throw avatar !== undefined && isForeignKeyViolation(error) ? noSuchPicture(avatar) : error
  })
  if (before.avatar !== null && before.avatar.id !== after.avatarId) {
    const { count } = await db.attachment.deleteMany({ where: { id: before.avatar.id, ...unusedPicture } })
    if (count > 0) await pictures.remove(before.avatar.uuid)
  }
  return after
}

/** Without what was left out. */
function given<Fields extends object>(fields: Fields) {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }
}

/** The user's own pictures, unless something else shows them. */
async function findUsable(db: Database, userId: number, uuid: string): Promise<number> {
  const isFree = { OR: [unusedPicture, { avatarOf: { id: userId } }] }
  const found = await db.attachment.findFirst({ where: { uuid, ownerId: userId, ...isFree }, select: { id: true } })
  if (found === null) throw noSuchPicture(uuid)
  return found.id
}

function noSuchPicture(uuid: string): Problem {
  return invalidField('avatar', `Object with uuid=${uuid} does not exist.`)
}

/**
 * Adds to what clients remember for a user; a key that is there is replaced.
 * @returns all of it
 * @throws Problem `invalid` when it gets too much
 */
export async function mergeSettings(
  db: Database,
  userId: number,
  settings: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const added = JSON.stringify(settings)
  const [row] = await db.$queryRaw<{ settings: Record<string, unknown> }[]>`
    WITH merged AS (
      SELECT id, CASE WHEN jsonb_typeof(settings) = 'object' THEN settings ELSE '{}' END || ${added}::jsonb AS settings
      FROM users WHERE id = ${userId} FOR UPDATE
    )
    UPDATE users u SET settings = merged.settings FROM merged
    WHERE u.id = merged.id AND length(merged.settings::text) <= ${longestSettings}
    RETURNING u.settings`
  if (row === undefined) throw invalidField(wholeBody, 'All settings together may have 50,000 characters.')
  return row.settings
}

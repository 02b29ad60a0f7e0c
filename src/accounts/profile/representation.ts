import type { z } from 'zod'
import { type DefaultPermission, withDefaultPermissions } from '../../access/scopes.ts'
import type { User } from '../../db/generated/client.ts'
import { type RichTextType, renderRichText } from '../../lib/rich-text.ts'
import type { QuotaStatus } from '../../media/quota.ts'
import { representAttachment } from '../../media/representation.ts'
import type { Profile } from './profile.ts'
import type { changedProfile, ownProfile } from './schemas.ts'

interface Surroundings {
  publicUrl: string
  quota: QuotaStatus
  defaultPermissions: readonly DefaultPermission[]
  /** Only for callers who may listen. */
  listenToken: string | undefined
}

export function representOwnProfile(user: Profile, surroundings: Surroundings): z.output<typeof ownProfile> {
  const { publicUrl, quota, defaultPermissions, listenToken } = surroundings
  const { name, avatar, summary, privacy_level, ...dates } = representProfile(user, publicUrl)
  return {
    id: user.id,
    username: user.username,
    full_username: `${user.username}@${new URL(publicUrl).host}`,
    name,
    email: user.email,
    is_staff: user.isStaff,
    is_superuser: user.isSuperuser,
    permissions: permissionsOf(user, defaultPermissions),
    date_joined: user.createdAt,
    privacy_level,
    avatar,
    quota_status: quota,
    ...dates,
    summary,
    tokens: listenToken === undefined ? {} : { listen: listenToken },
    settings: isRecord(user.settings) ? user.settings : null,
  }
}

export function representProfile(user: Profile, publicUrl: string): z.output<typeof changedProfile> {
  return {
    name: user.name,
    privacy_level: user.privacyLevel,
    avatar: user.avatar === null ? null : representAttachment(user.avatar, publicUrl),
    instance_support_message_display_date: user.instanceSupportMessageDisplayAt,
    funkwhale_support_message_display_date: user.funkwhaleSupportMessageDisplayAt,
    summary: summaryOf(user),
  }
}

function summaryOf({ summaryText: text, summaryContentType }: User) {
  if (text === null || summaryContentType === null) return null
  const type = summaryContentType as RichTextType
  return { text, content_type: type, html: renderRichText(text, type) }
}

function permissionsOf(user: User, defaults: readonly DefaultPermission[]) {
  const { isSuperuser, mayManageLibrary, mayModerate, mayManageSettings } = withDefaultPermissions(user, defaults)
  return {
    library: isSuperuser || mayManageLibrary,
    moderation: isSuperuser || mayModerate,
    settings: isSuperuser || mayManageSettings,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

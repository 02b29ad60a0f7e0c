import type { z } from 'zod'
import type { User } from '../../db/generated/client.ts'
import type { ownProfile } from './schemas.ts'

/** Megabytes a user may upload when nothing else is said. */
const defaultQuotaMb = 1000

/** @param listenToken only for callers who may listen */
export function representOwnProfile(
  user: User,
  { domain, listenToken }: { domain: string; listenToken: string | undefined },
): z.output<typeof ownProfile> {
  return {
    id: user.id,
    username: user.username,
    full_username: `${user.username}@${domain}`,
    name: user.name,
    email: user.email,
    is_staff: user.isStaff,
    is_superuser: user.isSuperuser,
    permissions: permissionsOf(user),
    date_joined: user.createdAt,
    privacy_level: user.privacyLevel,
    avatar: null,
    quota_status: emptyQuota(user.uploadQuotaMb ?? defaultQuotaMb),
    instance_support_message_display_date: user.instanceSupportMessageDisplayAt,
    funkwhale_support_message_display_date: user.funkwhaleSupportMessageDisplayAt,
    summary: null,
    tokens: listenToken === undefined ? {} : { listen: listenToken },
    settings: isRecord(user.settings) ? user.settings : null,
  }
}

function permissionsOf(user: User) {
  return {
    library: user.isSuperuser || user.mayManageLibrary,
    moderation: user.isSuperuser || user.mayModerate,
    settings: user.isSuperuser || user.mayManageSettings,
  }
}

function emptyQuota(max: number) {
  return { max, remaining: max, current: 0, draft: 0, skipped: 0, pending: 0, finished: 0, errored: 0 }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import type { z } from 'zod'
import type { Profile } from '../../accounts/profile/profile.ts'
import { actorFidOf } from '../../api/addresses.ts'
import type { AssetAddresses } from '../../http/assets.ts'
import { type RichTextType, renderRichText } from '../../lib/rich-text.ts'
import { attachmentUrl } from '../../media/representation.ts'
import { subjectOf } from '../../oauth/issuer.ts'
import type { account, ownAccount, userInfo } from './schemas.ts'

export interface Surroundings {
  publicUrl: string
  assets: Pick<AssetAddresses, 'avatar' | 'header'>
}

/** What this pod does not count is zero, as nobody can have it here. */
function representAccount(user: Profile, { publicUrl, assets }: Surroundings): z.output<typeof account> {
  const avatar = avatarOf(user, { publicUrl, assets })
  const header = publicUrl + assets.header
  return {
    id: String(user.id),
    username: user.username,
    acct: user.username,
    display_name: user.name,
    locked: false,
    bot: false,
    group: false,
    discoverable: user.privacyLevel === 'everyone',
    indexable: false,
    created_at: user.createdAt,
    note: noteOf(user),
    url: profileUrl(user, publicUrl),
    uri: actorFidOf(user.username, publicUrl),
    avatar,
    avatar_static: avatar,
    header,
    header_static: header,
    followers_count: 0,
    following_count: 0,
    statuses_count: 0,
    last_status_at: user.lastActivityAt?.toISOString().slice(0, 10) ?? null,
    emojis: [],
    fields: [],
    roles: [],
  }
}

export function representOwnAccount(user: Profile, surroundings: Surroundings): z.output<typeof ownAccount> {
  return {
    ...representAccount(user, surroundings),
    source: {
      note: user.summaryText ?? '',
      fields: [],
      privacy: privacyOf(user),
      sensitive: false,
      language: null,
      follow_requests_count: 0,
    },
    // Nothing of what administrators can do in Mastodon is done through this API.
    role: { ...roleOf(user), color: '', permissions: '0', highlighted: false },
  }
}

export function representUserInfo(
  user: Profile,
  { issuer, ...surroundings }: Surroundings & { issuer: string },
): z.output<typeof userInfo> {
  const { publicUrl } = surroundings
  return {
    iss: issuer,
    sub: subjectOf(user.username, publicUrl),
    name: user.name || user.username,
    preferred_username: user.username,
    profile: profileUrl(user, publicUrl),
    picture: avatarOf(user, surroundings),
  }
}

function avatarOf({ avatar }: Profile, { publicUrl, assets }: Surroundings): string {
  return avatar === null ? publicUrl + assets.avatar : attachmentUrl(avatar, 'large_square_crop', publicUrl)
}

/** For people. */
function profileUrl({ username }: Profile, publicUrl: string): string {
  return `${publicUrl}/@${username}`
}

function noteOf({ summaryText, summaryContentType }: Profile): string {
  if (summaryText === null || summaryContentType === null) return ''
  return renderRichText(summaryText, summaryContentType as RichTextType)
}

function privacyOf({ privacyLevel }: Profile): 'public' | 'private' | 'direct' {
  if (privacyLevel === 'everyone') return 'public'
  return privacyLevel === 'me' ? 'direct' : 'private'
}

function roleOf({ isSuperuser, mayModerate }: Profile): { id: string; name: string } {
  if (isSuperuser) return { id: '3', name: 'admin' }
  return mayModerate ? { id: '2', name: 'moderator' } : { id: '1', name: 'user' }
}

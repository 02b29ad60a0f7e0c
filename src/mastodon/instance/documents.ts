import type { z } from 'zod'
import { isRegistrationOpen } from '../../accounts/signup/sign-up.ts'
import { renderRichText } from '../../lib/rich-text.ts'
import type { Software } from '../../nodeinfo/software.ts'
import { noUsage, type Usage } from '../../nodeinfo/usage.ts'
import type { Services } from '../../services.ts'
import { podNameOf } from '../../settings/pod-name.ts'
import type { instanceV1, instanceV2 } from './schemas.ts'

/** What the documents are made of. */
export interface Pod {
  services: Pick<Services, 'settings' | 'config'>
  software: Software
  /** Path of the picture that stands for the pod. */
  picture: string
}

/** The release of Mastodon that has the endpoints which this pod has; clients read the number in front. */
const compatibleWith = '4.3.0'
/** The first, which promises clients no more than that. */
const apiVersion = 1

/** There is nothing to post here. */
const nothingToPost = {
  accounts: { max_featured_tags: 0 },
  statuses: { max_characters: 0, max_media_attachments: 0, characters_reserved_per_url: 0 },
  media_attachments: {
    supported_mime_types: [],
    image_size_limit: 0,
    image_matrix_limit: 0,
    video_size_limit: 0,
    video_frame_rate_limit: 0,
    video_matrix_limit: 0,
  },
  polls: { max_options: 0, max_characters_per_option: 0, min_expiration: 0, max_expiration: 0 },
}

export function makeInstanceV1(pod: Pod, counted: Usage): z.output<typeof instanceV1> {
  const { settings, config } = pod.services
  const longDescription = settings.get('instance__long_description')
  return {
    uri: new URL(config.publicUrl).host,
    ...shared(pod),
    short_description: settings.get('instance__short_description'),
    description: renderRichText(longDescription, 'text/markdown', { permissive: true }),
    email: settings.get('instance__contact_email'),
    urls: { streaming_api: null },
    stats: { user_count: shownUsage(pod, counted).users, status_count: 0, domain_count: 0 },
    thumbnail: config.publicUrl + pod.picture,
    registrations: isRegistrationOpen(pod.services),
    approval_required: settings.get('moderation__signup_approval_enabled'),
    invites_enabled: false,
    configuration: nothingToPost,
  }
}

export function makeInstanceV2(pod: Pod, counted: Usage): z.output<typeof instanceV2> {
  const { settings, config } = pod.services
  return {
    domain: new URL(config.publicUrl).host,
    ...shared(pod),
    source_url: pod.software.links.repository ?? '',
    description: settings.get('instance__short_description'),
    usage: { users: { active_month: shownUsage(pod, counted).activeMonth } },
    thumbnail: { url: config.publicUrl + pod.picture },
    configuration: {
      ...nothingToPost,
      urls: { streaming: null },
      translation: { enabled: false },
      vapid: { public_key: '' },
    },
    registrations: {
      enabled: isRegistrationOpen(pod.services),
      approval_required: settings.get('moderation__signup_approval_enabled'),
      message: null,
    },
    contact: { email: settings.get('instance__contact_email'), account: null },
    api_versions: { mastodon: apiVersion },
  }
}

function shared({ services: { settings, config }, software }: Pod) {
  const rules = settings.get('instance__rules')
  return {
    title: podNameOf(settings, config.publicUrl),
    version: `${compatibleWith} (compatible; Baleen ${software.version})`,
    languages: settings.get('moderation__languages'),
    rules: rules === '' ? [] : [{ id: '1', text: rules, hint: '' }],
  }
}

function shownUsage({ services: { settings } }: Pod, counted: Usage): Usage {
  return settings.get('instance__nodeinfo_stats_enabled') ? counted : noUsage
}

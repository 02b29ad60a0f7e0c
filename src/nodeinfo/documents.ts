import type { z } from 'zod'
import { isRegistrationOpen } from '../accounts/signup/sign-up.ts'
import type { Services } from '../services.ts'
import type { nodeinfo20, nodeinfo21 } from './schemas.ts'
import type { Software } from './software.ts'
import { noUsage, type Usage } from './usage.ts'

type Pod = Pick<Services, 'settings' | 'config'>

const uploadExtensions = ['aac', 'aif', 'aiff', 'flac', 'm4a', 'mp3', 'ogg', 'opus']

const reportTypes = [
  ['takedown_request', 'Takedown request'],
  ['invalid_metadata', 'Invalid metadata'],
  ['illegal_content', 'Illegal content'],
  ['offensive_content', 'Offensive content'],
  ['other', 'Other'],
] as const

/** NodeInfo 2.0, with the metadata that clients of the Funkwhale API read. */
export function makeNodeinfo20(pod: Pod, software: Software, counted: Usage): z.output<typeof nodeinfo20> {
  const { settings } = pod
  const usage = shownUsage(pod, counted)
  return {
    version: '2.0',
    software: { name: 'baleen', version: software.version },
    ...shared(pod),
    usage: { users: representUsers(usage) },
    metadata: {
      ...sharedMetadata(pod, usage),
      library: {
        federationEnabled: settings.get('federation__enabled'),
        anonymousCanListen: anonymousCanListen(pod),
        tracks: { total: usage.tracks },
        artists: { total: usage.artists },
        albums: { total: usage.albums },
        music: { hours: usage.hours },
      },
      reportTypes: reportTypes.map(([type, label]) => ({
        type,
        label,
        anonymous: settings.get('moderation__unauthenticated_report_types').includes(type),
      })),
      endpoints: { knownNodes: knownNodesOf(pod), channels: null, libraries: null },
      rules: settings.get('instance__rules'),
      terms: settings.get('instance__terms'),
    },
  }
}

/** NodeInfo 2.1. */
export function makeNodeinfo21(pod: Pod, software: Software, counted: Usage): z.output<typeof nodeinfo21> {
  const { settings, config } = pod
  const usage = shownUsage(pod, counted)
  return {
    version: '2.1',
    software: { name: 'baleen', version: software.version, ...software.links },
    ...shared(pod),
    usage: { users: representUsers(usage), localPosts: 0, localComments: 0 },
    metadata: {
      ...sharedMetadata(pod, usage),
      location: settings.get('instance__location'),
      languages: settings.get('moderation__languages'),
      content: {
        local: {
          artists: usage.artists,
          releases: usage.albums,
          recordings: usage.tracks,
          hoursOfContent: usage.hours,
        },
        topMusicCategories: usage.topMusicTags,
        topPodcastCategories: usage.topPodcastTags,
      },
      features: featuresOf(pod),
      codeOfConduct: settings.get('instance__rules') === '' ? '' : `${config.publicUrl}/about/pod#rules`,
    },
  }
}

function shared(pod: Pod) {
  return {
    protocols: ['activitypub'],
    services: { inbound: ['atom1.0'], outbound: ['atom1.0'] },
    openRegistrations: isRegistrationOpen(pod),
  }
}

function sharedMetadata({ settings, config }: Pod, { favorites, listenings, downloads }: Usage) {
  const isCounted = settings.get('instance__nodeinfo_stats_enabled')
  return {
    actorId: `${config.publicUrl}/federation/actors/service`,
    private: settings.get('instance__nodeinfo_private'),
    shortDescription: settings.get('instance__short_description'),
    longDescription: settings.get('instance__long_description'),
    contactEmail: settings.get('instance__contact_email'),
    nodeName: settings.get('instance__name'),
    banner: settings.get('instance__banner'),
    defaultUploadQuota: settings.get('users__upload_quota'),
    supportedUploadExtensions: uploadExtensions,
    allowList: { enabled: settings.get('moderation__allow_list_enabled'), domains: null },
    funkwhaleSupportMessageEnabled: settings.get('instance__funkwhale_support_message_enabled'),
    instanceSupportMessage: settings.get('instance__support_message'),
    usage: isCounted
      ? {
          favorites: { tracks: { total: favorites } },
          listenings: { total: listenings },
          downloads: { total: downloads },
        }
      : null,
    // Clients that know Mastodon's API, and not this pod's name, look here.
    upstream: { name: 'mastodon' },
  }
}

function featuresOf(pod: Pod): string[] {
  const { settings } = pod
  return [
    ...(settings.get('audio__channels_enabled') ? ['channels', 'podcasts'] : []),
    ...(settings.get('federation__enabled') ? ['federation'] : []),
    ...(anonymousCanListen(pod) ? ['anonymousCanListen'] : []),
    ...(settings.get('music__only_allow_musicbrainz_tagged_files') ? ['onlyMbidTaggedContent'] : []),
  ]
}

function anonymousCanListen({ settings }: Pod): boolean {
  return !settings.get('common__api_authentication_required')
}

/** Of an open pod that tells its numbers. */
function knownNodesOf(pod: Pod): string | null {
  const isShown = anonymousCanListen(pod) && pod.settings.get('instance__nodeinfo_stats_enabled')
  return isShown ? '/api/v1/federation/domains/' : null
}

function shownUsage({ settings }: Pod, counted: Usage): Usage {
  return settings.get('instance__nodeinfo_stats_enabled') ? counted : noUsage
}

function representUsers({ users, activeHalfyear, activeMonth }: Usage) {
  return { total: users, activeHalfyear, activeMonth }
}

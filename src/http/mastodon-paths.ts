const api = /^\/api\/(v1\/(apps|accounts|notifications|tokens)(\/|\?|$)|v[12]\/instance\/?(\?|$))/
/** What else they ask for, that a pod does not have; Funkwhale's API has nothing under these names. */
const absentApi = new RegExp(
  `^/api/(v1/(${[
    'admin',
    'announcements',
    'blocks',
    'bookmarks',
    'conversations',
    'custom_emojis',
    'directory',
    'domain_blocks',
    'endorsements',
    'favourites',
    'featured_tags',
    'filters',
    'follow_requests',
    'followed_tags',
    'lists',
    'markers',
    'media',
    'mutes',
    'polls',
    'preferences',
    'profile',
    'push',
    'reports',
    'scheduled_statuses',
    'statuses',
    'streaming',
    'suggestions',
    'timelines',
    'trends',
  ].join('|')})|v2/(filters|media|notifications|search|suggestions))(/|\\?|$)`,
)
const oauth = /^\/oauth(\/|\?|$)/

/** Paths that clients of Mastodon know as its API; errors there are `{"error": sentence}`. */
export function isMastodonApi(path: string): boolean {
  return api.test(path) || absentApi.test(path)
}

/** The OAuth endpoints where clients of Mastodon look for them. */
export function isMastodonOAuth(path: string): boolean {
  return oauth.test(path)
}

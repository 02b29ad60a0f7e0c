const api = /^\/api\/(v1\/(apps|accounts|notifications|tokens)(\/|\?|$)|v[12]\/instance\/?(\?|$))/
const oauth = /^\/oauth(\/|\?|$)/

/** Paths that clients of Mastodon know as its API; errors there are `{"error": sentence}`. */
export function isMastodonApi(path: string): boolean {
  return api.test(path)
}

/** The OAuth endpoints where clients of Mastodon look for them. */
export function isMastodonOAuth(path: string): boolean {
  return oauth.test(path)
}

/** Every rate limit that can be configured, by the id that headers, settings and /rate-limit show; rates as Funkwhale spells them. */
export const throttleScopes = {
  'anonymous-wildcard': { rate: '1000/h', description: 'Anonymous requests not covered by other scopes' },
  'authenticated-wildcard': { rate: '2000/h', description: 'Authenticated requests not covered by other scopes' },
  'anonymous-create': { rate: '1000/day', description: 'Anonymous POST requests' },
  'authenticated-create': { rate: '1000/hour', description: 'Authenticated POST requests' },
  'anonymous-list': { rate: '10000/day', description: 'Anonymous GET requests for lists' },
  'authenticated-list': { rate: '10000/hour', description: 'Authenticated GET requests for lists' },
  'anonymous-retrieve': { rate: '10000/day', description: 'Anonymous GET requests for single objects' },
  'authenticated-retrieve': { rate: '10000/hour', description: 'Authenticated GET requests for single objects' },
  'anonymous-destroy': { rate: '1000/day', description: 'Anonymous DELETE requests' },
  'authenticated-destroy': { rate: '500/hour', description: 'Authenticated DELETE requests' },
  'anonymous-update': { rate: '1000/day', description: 'Anonymous PATCH and PUT requests' },
  'authenticated-update': { rate: '1000/hour', description: 'Authenticated PATCH and PUT requests' },
  subsonic: { rate: '2000/hour', description: 'Requests to the Subsonic API' },
  'anonymous-reports': { rate: '10/day', description: 'Reports sent without an account' },
  'authenticated-reports': { rate: '100/day', description: 'Reports sent with an account' },
  'anonymous-oauth-app': { rate: '10/day', description: 'OAuth clients registered without an account' },
  'authenticated-oauth-app': { rate: '10/hour', description: 'OAuth clients registered with an account' },
  'oauth-authorize': { rate: '100/hour', description: 'OAuth authorization requests' },
  'oauth-token': { rate: '100/hour', description: 'OAuth token requests' },
  'oauth-revoke-token': { rate: '100/hour', description: 'OAuth token revocations' },
  login: { rate: '30/hour', description: 'Logins' },
  signup: { rate: '10/day', description: 'Account registrations' },
  'verify-email': { rate: '20/h', description: 'E-mail address confirmations' },
  'password-change': { rate: '20/h', description: 'Password changes' },
  'password-reset': { rate: '20/h', description: 'Password reset requests' },
  'password-reset-confirm': { rate: '20/h', description: 'Password reset confirmations' },
  fetch: { rate: '200/d', description: 'Fetches of remote content' },
} as const satisfies Record<string, { rate: string; description: string }>

export type ThrottleScope = keyof typeof throttleScopes

/** Users and clients count by who they are, everybody else by address. */
export type IdentityKind = 'anonymous' | 'authenticated'

/** What a route's `throttle` names, and the limit that each kind of caller then has. */
const buckets = {
  wildcard: byIdentity('wildcard'),
  create: byIdentity('create'),
  list: byIdentity('list'),
  retrieve: byIdentity('retrieve'),
  destroy: byIdentity('destroy'),
  update: byIdentity('update'),
  reports: byIdentity('reports'),
  'oauth-app': byIdentity('oauth-app'),
  subsonic: forAll('subsonic'),
  'oauth-authorize': forAll('oauth-authorize'),
  'oauth-token': forAll('oauth-token'),
  'oauth-revoke-token': forAll('oauth-revoke-token'),
  login: forAll('login'),
  signup: forAll('signup'),
  'verify-email': forAll('verify-email'),
  'password-change': forAll('password-change'),
  'password-reset': forAll('password-reset'),
  'password-reset-confirm': forAll('password-reset-confirm'),
  fetch: { anonymous: 'anonymous-wildcard', authenticated: 'fetch' },
  none: { anonymous: undefined, authenticated: undefined },
} as const satisfies Record<string, Record<IdentityKind, ThrottleScope | undefined>>

export type BucketName = keyof typeof buckets

type PairedName = Extract<ThrottleScope, `anonymous-${string}`> extends `anonymous-${infer Name}` ? Name : never

function byIdentity<Name extends PairedName>(name: Name) {
  return { anonymous: `anonymous-${name}`, authenticated: `authenticated-${name}` } as const
}

function forAll<Scope extends ThrottleScope>(scope: Scope) {
  return { anonymous: scope, authenticated: scope }
}

/** The limit a request counts against; undefined = none. */
export function throttleScopeOf(bucket: BucketName, kind: IdentityKind): ThrottleScope | undefined {
  return buckets[bucket][kind]
}

export interface Rate {
  limit: number
  windowSeconds: number
}

const secondsOf = { s: 1, m: 60, h: 3600, d: 86400 } as const

/**
 * Reads `10/min` or `unlimited`; undefined = not a rate. Only the first letter of the period counts (s, sec, m, min, h,
 * hour, d, days …), except that months, which do not exist here, are not taken for minutes.
 */
export function parseRate(text: string): Rate | 'unlimited' | undefined {
  if (text === 'unlimited') return 'unlimited'
  const match = /^(?<limit>\d{1,9})\/(?!mo)(?<unit>[smhd])[a-z]*$/.exec(text)
  if (!match?.groups) return undefined
  const unit = match.groups.unit as keyof typeof secondsOf
  return { limit: Number(match.groups.limit), windowSeconds: secondsOf[unit] }
}

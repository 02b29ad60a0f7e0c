import type { ThrottleScope } from '../throttling.ts'

/** Users count by who they are, everybody else by address. */
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
  'mastodon-app': forAll('mastodon-app'),
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

/** Doors at which strangers try secrets or make accounts: who is signed in counts there by address as well. */
const forStrangers: ReadonlySet<ThrottleScope> = new Set([
  'login',
  'signup',
  'mastodon-app',
  'verify-email',
  'password-reset',
  'password-reset-confirm',
])

export function isForStrangers(scope: ThrottleScope): boolean {
  return forStrangers.has(scope)
}

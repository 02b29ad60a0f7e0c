/** Every rate limit that can be configured, by the id that headers, settings and /rate-limit show; rates as `parseRate` reads them. */
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
  'mastodon-app': { rate: '30/10min', description: 'Apps registered as with Mastodon', isUnlisted: true },
} as const satisfies Record<string, ScopeDescription>

interface ScopeDescription {
  rate: string
  description: string
  /** Not shown by /rate-limit, whose clients know what Funkwhale has. */
  isUnlisted?: true
}

export type ThrottleScope = keyof typeof throttleScopes

/** What /rate-limit shows. */
export function listedScopes(): ThrottleScope[] {
  return (Object.keys(throttleScopes) as ThrottleScope[]).filter((scope) => !('isUnlisted' in throttleScopes[scope]))
}

export function isThrottleScope(text: string): text is ThrottleScope {
  return Object.hasOwn(throttleScopes, text)
}

export interface Rate {
  limit: number
  windowSeconds: number
}

/** How a caller stands within the window that ends now, the present request included. */
export interface Usage {
  /** The limit is reached: this request is not counted and must not go on. */
  isRefused: boolean
  remaining: number
  /** Until one more than `remaining` may be sent. */
  nextMs: number
  /** Until nothing counts any more; 0 = nothing does. */
  resetMs: number
}

/** Counts requests by key in memory, in windows that slide. */
export interface RequestLogs {
  /**
   * Counts a request if the rate lets it pass; a refused one leaves no trace.
   * @param agoMs for one of the past, which must not be older than the newest of its key
   */
  consume(key: string, rate: Rate, agoMs?: number): Usage
  /** How a key stands, without counting; refused = the next request would be. */
  peek(key: string, rate: Rate): Usage
  /** Takes the newest request of a key back. */
  refund(key: string): void
}

/** A rate that applies, with what headers say of it. */
export interface Limit {
  scope: ThrottleScope
  rate: Rate
  texts: { name: string; limit: string; duration: string; policy: string }
}

/** What applies to a caller. */
export interface AppliedLimit {
  /** Undefined = unlimited. */
  limit: Limit | undefined
  /** In words, like `10/min` or `unlimited`. */
  text: string
  /** The rate is that of the caller's client, whose requests are counted apart. */
  isOfClient: boolean
}

/** Those whom an admin may give a rate of their own. */
export interface LimitedCaller {
  userId?: number | undefined
  clientId?: number | undefined
}

/** What is limited to how much, for whom, and how much of it was used. */
export interface RateLimits {
  readonly isEnabled: boolean
  readonly logs: RequestLogs
  /** A user's own rate, else the client's, else the configured one. */
  limitFor(scope: ThrottleScope, caller: LimitedCaller): AppliedLimit
  /** The row id of a client that has a rate of its own in this scope. */
  limitedClient(scope: ThrottleScope, publicId: string): number | undefined
  /** Whether any client has a rate of its own in this scope. */
  hasLimitedClients(scope: ThrottleScope): boolean
  stop(): Promise<void>
}

/** A rate, or none, in the words it was given in. */
export interface RateSetting {
  /** `10/min` or `unlimited`. */
  text: string
  rate: Rate | undefined
}

export type RateSettings = Record<ThrottleScope, RateSetting>

const secondsOf = { s: 1, m: 60, h: 3600, d: 86400 } as const

/**
 * Reads `10/min`, `30/10min` or `unlimited`; undefined = not a rate. Only the first letter of the period counts (s, sec, m,
 * min, h, hour, d, days …), except that months, which do not exist here, are not taken for minutes.
 */
export function parseRate(text: string): RateSetting | undefined {
  if (text === 'unlimited') return { text, rate: undefined }
  const match = /^(?<limit>\d{1,9})\/(?<times>[1-9]\d{0,2})?(?!mo)(?<unit>[smhd])[a-z]*$/.exec(text)
  if (!match?.groups) return undefined
  const { limit, times = 1, unit } = match.groups
  return {
    text,
    rate: { limit: Number(limit), windowSeconds: Number(times) * secondsOf[unit as keyof typeof secondsOf] },
  }
}

/** The rates of all scopes before any of them is configured. */
export function defaultRates(): RateSettings {
  const entries = Object.entries(throttleScopes).map(([scope, { rate }]) => [scope, parseRate(rate)])
  return Object.fromEntries(entries) as RateSettings
}

/** Reads `login=10/min,signup=unlimited` on top of the defaults, or says which entries are wrong. */
export function readRates(text: string): { rates: RateSettings } | { problem: string } {
  const rates = defaultRates()
  const seen = new Set<string>()
  const problems: string[] = []
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const [scope = '', rate = ''] = splitOnce(entry)
    const setting = parseRate(rate)
    if (!isThrottleScope(scope)) problems.push(`there is no scope ${quote(scope)}`)
    else if (setting === undefined) problems.push(`the rate of ${scope} must look like 10/min or unlimited`)
    else if (seen.has(scope)) problems.push(`${scope} is given twice`)
    else rates[scope] = setting
    seen.add(scope)
  }
  return problems.length === 0 ? { rates } : { problem: problems.join('; ') }
}

function splitOnce(entry: string): string[] {
  const equals = entry.indexOf('=')
  return equals < 0 ? [entry] : [entry.slice(0, equals).trim(), entry.slice(equals + 1).trim()]
}

function quote(scope: string): string {
  return /^[\w-]{1,40}$/.test(scope) ? scope : 'of that name'
}

export const maxRedirectUris = 20
/** Characters of all redirect URIs of a client together. */
export const maxRedirectUrisLength = 2056

/** Exactly these mean that the code is shown to the user, who types it into the client. */
const outOfBandUris: ReadonlySet<string> = new Set(['urn:ietf:wg:oauth:2.0:oob', 'urn:ietf:wg:oauth:2.0:oob:auto'])

/** Browsers run, open or display these; none of them hands a code to an application. */
const refusedSchemes = new Set([
  ...['javascript', 'vbscript', 'data', 'file', 'filesystem', 'blob', 'about', 'view-source', 'feed', 'jar'],
  ...['intent', 'android-app', 'content', 'ftp', 'ftps', 'ws', 'wss', 'mailto', 'tel', 'sms'],
])

/** Offences that show in the text alone, in the order they are looked for. */
const spellingFaults: [RegExp, string][] = [
  [/^$/, 'must not be empty'],
  [/[\s\p{Cc}]/u, 'must not contain blanks or control characters'],
  [/[^ -~]/, 'must be ASCII: percent-encode path and query, and write the host in punycode (xn--…)'],
  [/#/, 'must not contain a fragment (#)'],
  [/\*/, 'must not contain a wildcard (*): redirect URIs are compared character by character'],
  [/[\\"<>^`{|}]/, 'contains a character that URIs do not allow: percent-encode it'],
  [/%(?![0-9a-f]{2})/i, 'contains a % that is not followed by two hexadecimal digits'],
  [/%(?:[01][0-9a-f]|7f)/i, 'must not contain control characters, percent-encoded or not'],
  [/^(?![a-z][a-z0-9+.-]*:)/i, 'must be absolute: it starts with no scheme, such as https:'],
  [/^[^:]+:\d+(?:[/?]|$)/, 'has no scheme: put https:// (or http:// for a loopback address) before host and port'],
  [/^[^:]+:$/, 'must have something after the scheme'],
  [/^urn:ietf/i, 'is not one of the two known out-of-band URIs, urn:ietf:wg:oauth:2.0:oob and …:oob:auto'],
]

interface RedirectUriRules {
  /** Whether plain http may lead beyond this device. */
  allowHttp: boolean
}

type Verdict = { ok: true } | { ok: false; reason: string }

/** Redirect URIs as registered: text with any blanks between them, or a list. Duplicates go, the order stays. */
export function parseRedirectUris(
  input: string | readonly string[],
): { ok: true; uris: string[] } | { ok: false; reason: string } {
  const given = typeof input === 'string' ? input.split(/\s+/).filter((uri) => uri !== '') : input
  const uris = [...new Set(given)]
  if (uris.length > maxRedirectUris) return refuse(`There must be no more than ${maxRedirectUris} redirect URIs.`)
  if (uris.join('').length <= maxRedirectUrisLength) return { ok: true, uris }
  return refuse(`Redirect URIs must have no more than ${maxRedirectUrisLength} characters together.`)
}

/**
 * Whether a client may register this redirect URI (RFC 6749 §3.1.2, RFC 9700 §4.1): absolute, without fragment, user name
 * or anything that software reads in different ways. Web, loopback, private-use and out-of-band URIs are fine.
 */
export function checkRedirectUri(uri: string, rules: RedirectUriRules): Verdict {
  if (outOfBandUris.has(uri)) return { ok: true }
  const fault = findFault(uri, rules)
  if (fault === undefined) return { ok: true }
  const shown = uri.length > 100 ? `${uri.slice(0, 100)}…` : uri
  return refuse(`The redirect URI ${JSON.stringify(shown)} ${fault}.`)
}

function refuse(reason: string): { ok: false; reason: string } {
  return { ok: false, reason }
}

function findFault(uri: string, rules: RedirectUriRules): string | undefined {
  const spelling = spellingFaults.find(([offence]) => offence.test(uri))
  if (spelling) return spelling[1]
  const scheme = schemeOf(uri)
  if (refusedSchemes.has(scheme)) return `must not have the scheme ${scheme}`
  const { authority, path } = splitUri(uri)
  const fault = authority === undefined ? undefined : findAuthorityFault(authority)
  if (fault !== undefined) return fault
  return isHttp(uri) ? findHttpFault(uri, authority, path, rules) : undefined
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(':')).toLowerCase()
}

function isHttp(uri: string): boolean {
  return /^https?:/i.test(uri)
}

/** RFC 3986 §3; authority is what stands between `//` and the path. */
function splitUri(uri: string): { authority: string | undefined; path: string } {
  const [, authority, path = ''] = /^[^:]+:(?:\/\/([^/?]*))?([^?]*)/.exec(uri) ?? []
  return { authority, path }
}

function findAuthorityFault(authority: string): string | undefined {
  if (authority.includes('@')) return 'must not contain a user name or password'
  const port = /^(?:\[[^\]]*\]|[^:[]*):(.*)$/.exec(authority)?.[1]
  return port === undefined || isPort(port) ? undefined : 'has a port that is no number from 1 to 65535'
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535
}

function findHttpFault(
  uri: string,
  authority: string | undefined,
  path: string,
  { allowHttp }: RedirectUriRules,
): string | undefined {
  const host = authority?.replace(/:\d+$/, '').toLowerCase()
  if (!host) return 'must have two slashes and a host after the scheme'
  const url = isHostName(host) && URL.canParse(uri) ? new URL(uri) : null
  // Browsers read 127.1, 0x7f.1 or [0:0::1] as other spellings of a host.
  if (url === null || url.hostname !== host) return 'must have a host in its usual spelling'
  if (path !== '' && url.pathname !== path) return 'must not contain . or .. as a part of its path'
  if (url.protocol === 'https:' || allowHttp || isLoopback(host)) return undefined
  return 'must be https: plain http is for loopback addresses (127.0.0.1, [::1], localhost) only'
}

function isHostName(host: string): boolean {
  return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(host) || /^\[[0-9a-f:.]+\]$/.test(host)
}

function isLoopback(host: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(host) || host.endsWith('.localhost')
}

/**
 * The redirect URI to answer to: the given one if it is registered, byte for byte, or if it is a registered loopback
 * address with another port (RFC 8252 §7.3); the only registered one if none is given (RFC 6749 §3.1.2.3).
 */
export function matchRedirectUri(registered: readonly string[], given: string | undefined): string | undefined {
  if (given === undefined) return registered.length === 1 ? registered[0] : undefined
  if (registered.includes(given)) return given
  const withoutPort = loopbackWithoutPort(given)
  if (withoutPort === undefined) return undefined
  return registered.some((uri) => loopbackWithoutPort(uri) === withoutPort) ? given : undefined
}

/** Only the two addresses: `localhost` may be something else, so it is compared like any other host (RFC 8252 §8.3). */
function loopbackWithoutPort(uri: string): string | undefined {
  const [, host, port, rest = ''] = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::(\d+))?((?:[/?].*)?)$/s.exec(uri) ?? []
  return host === undefined || (port !== undefined && !isPort(port)) ? undefined : host + rest
}

type RedirectKind = 'web' | 'loopback' | 'private-use' | 'out-of-band'

/** How a registered redirect URI gets the code to the client (RFC 8252 §7). */
export function redirectKind(uri: string): RedirectKind {
  if (outOfBandUris.has(uri)) return 'out-of-band'
  if (!isHttp(uri)) return 'private-use'
  return isLoopback(new URL(uri).hostname) ? 'loopback' : 'web'
}

/** Where the resource owner goes, in short: host and port, or scheme (of a `urn:`, which says nothing, all but the query). */
export function describeRedirectTarget(uri: string): { target: string; insecure: boolean } {
  if (isHttp(uri)) {
    const { host, protocol } = new URL(uri)
    return { target: host, insecure: protocol === 'http:' && redirectKind(uri) === 'web' }
  }
  const scheme = `${schemeOf(uri)}:`
  return { target: scheme === 'urn:' ? uri.replace(/\?.*/, '') : scheme, insecure: false }
}

/**
 * Adds the parameters of an authorization response, leaving what is there untouched (RFC 6749 §4.1.2): URL parsers would
 * normalise web addresses and mangle `urn:`. Blanks become %20, which form decoders and plain percent-decoders both
 * understand; the form encoding's own `+` is only understood by the former.
 */
export function appendToRedirectUri(uri: string, parameters: readonly (readonly [string, string])[]): string {
  if (parameters.length === 0) return uri
  const query = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  if (!uri.includes('?')) return `${uri}?${query}`
  return /[?&]$/.test(uri) ? uri + query : `${uri}&${query}`
}

/** Also what encodeURIComponent leaves and some decoders or link finders stumble over. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/**
 * The source that lets a form lead to this redirect URI under CSP `form-action`: origin or scheme; undefined = none needed.
 * The grammar knows no IPv6 addresses and no underscores (CSP3 §2.3.1), so there the scheme has to do.
 */
export function formActionSource(uri: string): string | undefined {
  if (outOfBandUris.has(uri)) return undefined
  if (!isHttp(uri)) return `${schemeOf(uri)}:`
  const { hostname, origin, protocol } = new URL(uri)
  return /^[a-z0-9.-]+$/.test(hostname) ? origin : protocol
}

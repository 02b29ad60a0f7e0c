import { isMastodonApi, isMastodonOAuth } from '../../http/mastodon-paths.ts'
import { Problem } from '../../lib/problem.ts'
import type { Limit, Rate, ThrottleScope, Usage } from '../../throttling.ts'

export function limitOf(scope: ThrottleScope, { limit, windowSeconds }: Rate): Limit {
  const texts = {
    limit: String(limit),
    duration: String(windowSeconds),
    policy: `"${scope}";q=${limit};w=${windowSeconds}`,
  }
  return { scope, rate: { limit, windowSeconds }, texts }
}

/** How `X-RateLimit-Reset` is written: as Funkwhale has it, or as clients of Mastodon read it. */
export type ResetFormat = 'unix' | 'iso'

/**
 * What an answer says of a limit. `RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-11:
 * no more than `r` requests within the next `t` seconds.
 */
export function limitHeaders(
  { scope, texts }: Limit,
  usage: Usage,
  nowMs: number,
  format: ResetFormat,
): Record<string, string> {
  const { remaining, nextMs, resetMs } = usage
  const next = Math.ceil(nextMs / 1000)
  return {
    'x-ratelimit-limit': texts.limit,
    'x-ratelimit-scope': scope,
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-duration': texts.duration,
    'x-ratelimit-reset': resetText(nowMs + resetMs, format),
    'x-ratelimit-resetseconds': String(Math.ceil(resetMs / 1000)),
    'retry-after': remaining > 0 ? '0' : String(next),
    ratelimit: `"${scope}";r=${remaining};t=${next}`,
    'ratelimit-policy': texts.policy,
  }
}

/** No time is named too early. */
function resetText(resetAtMs: number, format: ResetFormat): string {
  return format === 'unix' ? String(Math.ceil(resetAtMs / 1000)) : new Date(Math.ceil(resetAtMs)).toISOString()
}

/** The reset time of a refusal, which was written without knowing where it would be sent. */
export function asIso(unixSeconds: string): string {
  return new Date(Number(unixSeconds) * 1000).toISOString()
}

/** A request beyond its limit. */
export function throttled(limit: Limit, usage: Usage): Problem {
  const headers = limitHeaders(limit, { ...usage, remaining: 0 }, Date.now(), 'unix')
  const seconds = Number(headers['retry-after'])
  const message = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`
  return new Problem('throttled', message, { headers })
}

/** Paths whose clients know the headers from Mastodon. */
export function resetFormatOf(path: string): ResetFormat {
  return isMastodonApi(path) || isMastodonOAuth(path) ? 'iso' : 'unix'
}

import { isMastodonApi, isMastodonOAuth } from '../../http/mastodon-paths.ts'
import { Problem } from '../../lib/problem.ts'
import type { Limit, Rate, ThrottleScope, Usage } from '../../throttling.ts'

export function limitOf(scope: ThrottleScope, { limit, windowSeconds }: Rate): Limit {
  const texts = {
    name: `"${scope}"`,
    limit: String(limit),
    duration: String(windowSeconds),
    policy: `"${scope}";q=${limit};w=${windowSeconds}`,
  }
  return { scope, rate: { limit, windowSeconds }, texts }
}

/** How `X-RateLimit-Reset` is written: as Funkwhale has it, or as clients of Mastodon read it. */
export type ResetFormat = 'unix' | 'iso'

/** Takes the headers of an answer one by one. */
type Write = (name: string, value: string) => void

/**
 * What an answer says of a limit. `RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-11:
 * no more than `r` requests within the next `t` seconds.
 */
export function writeLimit(
  write: Write,
  { scope, texts }: Limit,
  { remaining, nextMs, resetMs }: Usage,
  { nowMs, format }: { nowMs: number; format: ResetFormat },
): void {
  const next = Math.ceil(nextMs / 1000)
  const left = String(remaining)
  write('x-ratelimit-limit', texts.limit)
  write('x-ratelimit-scope', scope)
  write('x-ratelimit-remaining', left)
  write('x-ratelimit-duration', texts.duration)
  write('x-ratelimit-reset', resetText(nowMs + resetMs, format))
  write('x-ratelimit-resetseconds', String(Math.ceil(resetMs / 1000)))
  write('retry-after', remaining > 0 ? '0' : String(next))
  write('ratelimit', `${texts.name};r=${left};t=${next}`)
  write('ratelimit-policy', texts.policy)
}

/** The same as an object. */
export function limitHeaders(limit: Limit, usage: Usage, nowMs: number, format: ResetFormat): Record<string, string> {
  const headers: Record<string, string> = {}
  const write = (name: string, value: string) => {
    headers[name] = value
  }
  writeLimit(write, limit, usage, { nowMs, format })
  return headers
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

import type { z } from 'zod'
import { countingOf } from '../../access/rate-limits/counting.ts'
import type { Identity } from '../../access/rate-limits/identity.ts'
import { listedScopes, type RateLimits, type ThrottleScope, throttleScopes, type Usage } from '../../throttling.ts'
import type { rateLimitStatus } from './schemas.ts'

type Status = z.output<typeof rateLimitStatus>

/** How somebody stands in every scope; looking costs nothing. */
export function statusOf(limits: RateLimits, identity: Identity, now: Date): Status {
  return {
    enabled: limits.isEnabled,
    ident: { type: identity.type, id: identity.id },
    scopes: listedScopes()
      .sort()
      .map((id) => scopeStatus(limits, id, identity, now)),
  }
}

function scopeStatus(limits: RateLimits, id: ThrottleScope, identity: Identity, now: Date): Status['scopes'][number] {
  const { description } = throttleScopes[id]
  const counting = countingOf(limits, id, identity)
  if (counting === undefined) return { id, rate: null, description, ...unlimited }
  const { rate } = counting.limit
  const usage = limits.logs.peek(counting.key, rate)
  return {
    id,
    rate: limits.limitFor(id, identity).text,
    description,
    limit: rate.limit,
    duration: rate.windowSeconds,
    remaining: usage.remaining,
    ...times(usage, now),
  }
}

const unlimited = {
  limit: null,
  duration: null,
  remaining: null,
  available: null,
  available_seconds: null,
  reset: null,
  reset_seconds: null,
}

/** No time is named too early. */
function times({ remaining, nextMs, resetMs }: Usage, now: Date) {
  const isExhausted = remaining === 0
  const unixIn = (ms: number) => Math.ceil((now.getTime() + ms) / 1000)
  return {
    available: isExhausted ? unixIn(nextMs) : null,
    available_seconds: isExhausted ? Math.ceil(nextMs / 1000) : null,
    reset: resetMs > 0 ? unixIn(resetMs) : null,
    reset_seconds: resetMs > 0 ? Math.ceil(resetMs / 1000) : null,
  }
}

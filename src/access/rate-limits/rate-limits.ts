import type { Config } from '../../config.ts'
import type { DatabaseClient } from '../../db/database.ts'
import {
  type AppliedLimit,
  type LimitedCaller,
  type RateLimits,
  type RateSetting,
  type RateSettings,
  type ThrottleScope,
  throttleScopes,
} from '../../throttling.ts'
import { limitOf } from './headers.ts'
import { sharedLogKey } from './identity.ts'
import { noOverrides, type Overrides, overridesVersion, readOverrides } from './overrides.ts'
import { SlidingLogs } from './sliding-logs.ts'

/** How stale a change by the CLI or another pod may be where notifications do not arrive. */
const refreshEveryMs = 2_000

/** Keys are looked at for leaving so many at a time: all of them within minutes, none for long. */
const sweepEveryMs = 1_000
const sweptKeys = 16_384

export interface RateLimitOptions {
  db: DatabaseClient
  config: Pick<Config, 'throttlingEnabled' | 'throttlingRates'>
  /** Milliseconds that never go back. */
  clock?: (() => number) | undefined
}

/** Reads the rates of single users and clients, and from then on keeps up with their changes. */
export async function loadRateLimits({ db, config, clock }: RateLimitOptions): Promise<RateLimits> {
  const isEnabled = config.throttlingEnabled
  const logs = new SlidingLogs({ sharedKey: sharedLogKey, ...(clock && { clock }) })
  let overrides = noOverrides
  let version: string | undefined
  let underWay = Promise.resolve()
  const refresh = async () => {
    const latest = await overridesVersion(db)
    if (latest !== version) overrides = await readOverrides(db)
    version = latest
  }
  await refresh()
  const configured = limitsOf(config.throttlingRates)
  const keepUp = () => {
    // A database that is away leaves the rates as they were.
    underWay = underWay.then(refresh).catch(() => undefined)
  }
  const look = () => db.listener?.isUp || keepUp()
  const unfollow = isEnabled ? db.changes.follow('rate_limit_overrides', keepUp) : () => undefined
  const timers = isEnabled
    ? [setInterval(look, refreshEveryMs), setInterval(() => logs.sweep(sweptKeys), sweepEveryMs)]
    : []
  for (const timer of timers) timer.unref()
  return {
    isEnabled,
    logs,
    limitFor: (scope, caller) => overriding(overrides, scope, caller) ?? configured[scope],
    limitedClient: (scope, publicId) => {
      const id = overrides.clients.get(publicId)
      return id !== undefined && overrides.ofClients.get(id)?.has(scope) ? id : undefined
    },
    hasLimitedClients: (scope) =>
      overrides.ofClients.size > 0 && [...overrides.ofClients.values()].some((rates) => rates.has(scope)),
    stop: async () => {
      unfollow()
      for (const timer of timers) clearInterval(timer)
      await underWay
    },
  }
}

function overriding(
  { ofUsers, ofClients }: Overrides,
  scope: ThrottleScope,
  { userId, clientId }: LimitedCaller,
): AppliedLimit | undefined {
  const ofUser = userId === undefined ? undefined : ofUsers.get(userId)?.get(scope)
  if (ofUser !== undefined) return applied(scope, ofUser, false)
  const ofClient = clientId === undefined ? undefined : ofClients.get(clientId)?.get(scope)
  return ofClient === undefined ? undefined : applied(scope, ofClient, true)
}

function limitsOf(rates: RateSettings): Record<ThrottleScope, AppliedLimit> {
  const scopes = Object.keys(throttleScopes) as ThrottleScope[]
  const entries = scopes.map((scope) => [scope, applied(scope, rates[scope], false)])
  return Object.fromEntries(entries) as Record<ThrottleScope, AppliedLimit>
}

function applied(scope: ThrottleScope, { rate, text }: RateSetting, isOfClient: boolean): AppliedLimit {
  return { limit: rate === undefined ? undefined : limitOf(scope, rate), text, isOfClient }
}

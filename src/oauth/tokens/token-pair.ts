import type { Config } from '../../config.ts'
import type { Client } from '../../db/generated/client.ts'
import { digest, newSecret } from '../../lib/secrets.ts'

/** How long tokens live; null = until they are revoked. */
export type Lifetimes = Pick<Config, 'refreshTokenIdleSeconds' | 'refreshTokenGraceSeconds'> & {
  accessTokenExpireSeconds: number | null
  refreshTokenExpireSeconds: number | null
}

/** The pod's lifetimes, except for clients of Mastodon that cannot refresh: they expect tokens that do not expire. */
export function lifetimesOf({ origin, grantTypes }: Client, config: Lifetimes): Lifetimes {
  if (origin !== 'mastodon' || grantTypes.includes('refresh_token')) return config
  return { ...config, accessTokenExpireSeconds: null, refreshTokenExpireSeconds: null }
}

/** Tokens as the client gets them; at rest there are only digests. */
export interface IssuedTokens {
  accessToken: string
  /** Null = does not expire. */
  accessExpiresAt: Date | null
  refreshToken: string | undefined
  /** Granted names, in the client's words and order. */
  scopes: string[]
  createdAt: Date
}

/**
 * An access token to be stored.
 * @param familyEndsAt it does not outlive its family (RFC 9700 §4.14.2); null = there is no such end
 */
export function newAccessToken({ accessTokenExpireSeconds }: Lifetimes, now: Date, familyEndsAt: Date | null) {
  const accessToken = newSecret('access')
  const accessExpiresAt = earlier(after(now, accessTokenExpireSeconds), familyEndsAt)
  return { accessToken, accessHash: digest(accessToken), accessExpiresAt }
}

/** Null = never. */
export function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

export function after(start: Date, seconds: number): Date
export function after(start: Date, seconds: number | null): Date | null
export function after(start: Date, seconds: number | null): Date | null {
  return seconds === null ? null : new Date(start.getTime() + seconds * 1000)
}

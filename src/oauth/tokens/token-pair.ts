import type { Config } from '../../config.ts'
import { digest, newSecret } from '../../lib/secrets.ts'

/** The token lifetimes of the pod. */
export type Lifetimes = Pick<
  Config,
  'accessTokenExpireSeconds' | 'refreshTokenExpireSeconds' | 'refreshTokenIdleSeconds' | 'refreshTokenGraceSeconds'
>

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

/** An access token to be stored. */
export function newAccessToken({ accessTokenExpireSeconds }: Lifetimes, now: Date) {
  const accessToken = newSecret('access')
  return { accessToken, accessHash: digest(accessToken), accessExpiresAt: after(now, accessTokenExpireSeconds) }
}

export function after(start: Date, seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000)
}

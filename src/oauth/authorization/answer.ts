import { oauthBody } from '../../http/oauth-errors.ts'
import type { Problem } from '../../lib/problem.ts'
import { appendToRedirectUri, redirectKind } from '../clients/redirect-uris.ts'

/** Where an authorization response goes. */
export interface Target {
  redirectUri: string
  state?: string | null | undefined
}

/** Whether the answer is shown to the user, who carries it to the client. */
export function isOutOfBand({ redirectUri }: Target): boolean {
  return redirectKind(redirectUri) === 'out-of-band'
}

/** RFC 6749 §4.1.2, with the issuer of RFC 9207; `state` is what was sent, or absent. */
export function successUri(target: Target, code: string, issuer: string): string {
  return appendToRedirectUri(target.redirectUri, [['code', code], ...rest(target, issuer)])
}

/** RFC 6749 §4.1.2.1, with the issuer of RFC 9207. */
export function errorUri(target: Target, problem: Problem, issuer: string): string {
  return appendToRedirectUri(target.redirectUri, [...Object.entries(oauthBody(problem)), ...rest(target, issuer)])
}

function rest({ state }: Target, issuer: string): [string, string][] {
  return [...(state ? [['state', state] as [string, string]] : []), ['iss', issuer]]
}

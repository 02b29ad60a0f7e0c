import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CookieRules } from './cookies.ts'

const cookieName = 'shown-once'
const lifetimeSeconds = 60

/**
 * Hands values to the next page of this browser, which shows them once: secrets that the pod itself does not keep. They
 * travel in a cookie that scripts cannot read, and are gone when they have been shown.
 */
export function showOnce(reply: FastifyReply, cookies: CookieRules, values: Record<string, string>): void {
  const text = Buffer.from(JSON.stringify(values)).toString('base64url')
  const options = { ...cookies.serverOnly, sameSite: 'strict' as const, maxAge: lifetimeSeconds }
  reply.setCookie(cookies.serverOnlyName(cookieName), text, options)
}

/** What the page before handed over; nothing the second time. */
export function takeShownOnce(
  request: FastifyRequest,
  reply: FastifyReply,
  cookies: CookieRules,
): Record<string, string> {
  const name = cookies.serverOnlyName(cookieName)
  const text = request.cookies[name]
  if (text === undefined) return {}
  reply.clearCookie(name, cookies.serverOnly)
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    const entries = Object.entries(values ?? {}).filter(([, value]) => typeof value === 'string')
    return Object.fromEntries(entries)
  } catch {
    return {}
  }
}

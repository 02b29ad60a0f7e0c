import type { CookieSerializeOptions } from '@fastify/cookie'

/** Cookies of a pod that is reached over https are `Secure`, and those that only the server reads carry `__Host-` (RFC 6265bis §4.1.3). */
export interface CookieRules {
  /** @param name for people who read the browser's storage */
  serverOnlyName(name: string): string
  serverOnly: CookieSerializeOptions
  /** Also read by scripts of the pod's own pages. */
  readable: CookieSerializeOptions
}

export function cookieRules(publicUrl: string): CookieRules {
  const secure = publicUrl.startsWith('https:')
  const shared = { path: '/', sameSite: 'lax', secure } as const
  return {
    serverOnlyName: (name) => (secure ? `__Host-${name}` : name),
    serverOnly: { ...shared, httpOnly: true },
    readable: { ...shared, httpOnly: false },
  }
}

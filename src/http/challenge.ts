import type { Problem } from '../lib/problem.ts'

const realm = 'api'

/** The `WWW-Authenticate` value for a refused token (RFC 6750 §3); undefined where the problem is another one. */
export function challengeOf(problem: Problem): string | undefined {
  switch (problem.kind) {
    case 'unauthenticated':
      return bearer({})
    case 'invalid_token':
    case 'account_disabled':
      return bearer({ error: 'invalid_token', error_description: problem.message })
    case 'unverified_email':
      return bearer({ error: problem.kind })
    case 'insufficient_scope':
      return bearer({ error: problem.kind, error_description: problem.message, scope: problem.scope ?? '' })
    default:
      return undefined
  }
}

function bearer(parameters: Record<string, string>): string {
  const list = Object.entries({ realm, ...parameters }).filter(([, value]) => value !== '')
  return `Bearer ${list.map(([name, value]) => `${name}="${value.replace(/["\\]/g, '')}"`).join(',')}`
}

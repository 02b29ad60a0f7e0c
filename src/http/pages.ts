import type { FastifyReply, FastifyRequest } from 'fastify'
import type { VNode } from 'preact'
import type { Csrf } from './csrf.ts'
import type { PageContext } from './layout.tsx'
import { renderPage } from './render.ts'

export interface PagesOptions {
  /** As it is called just then. */
  podName: () => string
  csrf: Csrf
  assets: PageContext['assets']
  /** Who is signed in with this browser. */
  accountOf: (request: FastifyRequest) => { username: string; name: string } | undefined
}

export interface SendOptions {
  status?: number
  /** Sources beyond the pod itself that the page's forms may lead to (CSP `form-action`). */
  formActions?: string[]
  /** The address holds a code, which goes nowhere. */
  hideAddress?: boolean
  /** In place of the policy that all other pages have (CSP). */
  policy?: string
}

/** What features need to show a page. */
export interface Pages {
  context(request: FastifyRequest, reply: FastifyReply): PageContext
  send(reply: FastifyReply, page: VNode, options?: SendOptions): FastifyReply
}

export function createPages({ podName, csrf, assets, accountOf }: PagesOptions): Pages {
  return {
    context(request, reply) {
      const account = accountOf(request)
      const shared = { podName: podName(), assets }
      if (account === undefined) return shared
      return { ...shared, signedIn: { ...account, csrfToken: csrf.tokenFor(request, reply) } }
    },
    send: (reply, page, { status = 200, formActions = [], hideAddress = false, policy } = {}) =>
      reply
        .code(status)
        .type('text/html; charset=utf-8')
        .header('cache-control', 'private, no-store')
        .header('content-security-policy', policy ?? pagePolicy(formActions))
        // Browsers without Sec-Fetch-Site need the referrer's policy to say in a form's Origin where it comes from.
        .header('referrer-policy', hideAddress ? 'no-referrer' : 'same-origin')
        .serializer(String)
        .send(renderPage(page)),
  }
}

/**
 * Nothing inline, nothing from elsewhere, no frames. Chromium applies `form-action` to the redirects that answer a form
 * too, so a page whose form may lead to a client names where that is.
 */
function pagePolicy(formActions: string[]): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    `form-action ${["'self'", ...formActions].join(' ')}`,
  ].join('; ')
}

import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import type { SecurityEvent, Session } from '../../db/generated/client.ts'
import { shortMoment } from '../../http/dates.ts'
import type { Routes } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { browserName } from './browser-name.ts'
import { endOtherSessions, endSessionByKey, keyOfSession, listSessions } from './session-list.ts'
import { type EventOnPage, SecurityPage, type SessionOnPage, SessionsPage } from './views.tsx'

const ending = z.object({ end: z.union([z.literal('others'), z.string().regex(/^[\w-]{43}$/)]) })

const eventsOnPage = 50
const eventsQuery = z.object({ page: z.coerce.number().int().min(1).max(100_000).catch(1) })

/** /settings/sessions and /settings/security */
export const sessionPages: Routes = async (app, { services: { db, pages, csrf, trail } }) => {
  app.get('/sessions', { config: { access: 'session', throttle: 'list' } }, async (request, reply) => {
    const { userId, session } = userOf(request)
    const sessions = (await listSessions(db, userId)).map((row) => sessionOnPage(row, session?.key))
    const context = { page: pages.context(request, reply), csrfToken: csrf.tokenFor(request, reply) }
    return pages.send(reply, <SessionsPage {...context} sessions={sessions} />)
  })

  app.post(
    '/sessions',
    { config: { access: 'session', throttle: 'destroy' }, schema: { body: ending } },
    async (request, reply) => {
      const { userId, session } = userOf(request)
      const { end } = request.body
      if (end === 'others') await endOtherSessions(db, userId, session?.key)
      else await endSessionByKey(db, userId, end)
      trail.record(request, { userId, kind: 'session-ended' })
      return reply.redirect('/settings/sessions', 303)
    },
  )

  app.get(
    '/security',
    { config: { access: 'session', throttle: 'list' }, schema: { querystring: eventsQuery } },
    async (request, reply) => {
      const number = request.query.page
      const skip = (number - 1) * eventsOnPage
      const { count, events } = await trail.list(userOf(request).userId, { skip, take: eventsOnPage })
      const pageAt = (at: number) => `/settings/security?page=${at}`
      const view = (
        <SecurityPage
          page={pages.context(request, reply)}
          events={events.map(eventOnPage)}
          newer={number > 1 ? pageAt(number - 1) : undefined}
          older={skip + eventsOnPage < count ? pageAt(number + 1) : undefined}
        />
      )
      return pages.send(reply, view)
    },
  )
}

function sessionOnPage(row: Session, current: string | undefined): SessionOnPage {
  const key = keyOfSession(row)
  return {
    key,
    browser: browserName(row.userAgent) ?? texts.sessions.unknownBrowser,
    address: row.address ?? texts.settings.unknown,
    since: shortMoment(row.createdAt),
    lastSeen: shortMoment(row.lastSeenAt),
    isCurrent: key === current,
  }
}

function eventOnPage({ kind, client, address, userAgent, createdAt }: SecurityEvent): EventOnPage {
  const words: Record<string, (client: string) => string> = texts.security.events
  const from = [browserName(userAgent), address].filter((part) => part != null).join(' · ')
  return {
    what: words[kind]?.(client ?? '') ?? kind,
    when: shortMoment(createdAt),
    from: from || texts.settings.unknown,
  }
}

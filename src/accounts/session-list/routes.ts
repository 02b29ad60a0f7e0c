import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import type { Session } from '../../db/generated/client.ts'
import { pageOf, pageQuery, readPage, representPage } from '../../http/pagination.ts'
import { moment } from '../../http/wire.ts'
import type { Routes } from '../../services.ts'
import { endOtherSessions, endSessionByKey, keyOfSession, listSessions } from './session-list.ts'

const session = z.object({
  id: z.string(),
  user_agent: z.string().nullable(),
  address: z.string().nullable(),
  created: moment,
  last_seen: moment,
  current: z.boolean(),
})

const securityEvent = z.object({
  id: z.string(),
  kind: z.string(),
  client: z.string().nullable(),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  created: moment,
})

const sessionPath = z.object({ id: z.string().regex(/^[\w-]{43}$/) })

/** /api/v1/users: the browsers a user is signed in with, and what happened to the account. */
export const sessionRoutes: Routes = async (app, { services: { db, config, trail } }) => {
  app.get(
    '/sessions',
    {
      config: { access: { scope: 'read:security' }, throttle: 'list' },
      schema: { summary: 'List the browsers you are signed in with', response: { 200: z.array(session) } },
    },
    async (request) => {
      const current = currentKey(request)
      const sessions = await listSessions(db, userOf(request).userId)
      return sessions.map((row) => representSession(row, current))
    },
  )

  app.delete(
    '/sessions',
    {
      config: { access: { scope: 'write:security' }, throttle: 'destroy' },
      schema: { summary: 'Sign out everywhere else', response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      await endOtherSessions(db, userId, currentKey(request))
      trail.record(request, { userId, kind: 'session-ended' })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/sessions/:id',
    {
      config: { access: { scope: 'write:security' }, throttle: 'destroy' },
      schema: { summary: 'Sign one browser out', params: sessionPath, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { userId } = userOf(request)
      await endSessionByKey(db, userId, request.params.id)
      trail.record(request, { userId, kind: 'session-ended' })
      return reply.code(204).send()
    },
  )

  app.get(
    '/security-events',
    {
      config: { access: { scope: 'read:security' }, throttle: 'list' },
      schema: {
        summary: 'What happened to your account, newest first',
        querystring: pageQuery,
        response: { 200: pageOf(securityEvent) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      const { count, events } = await trail.list(userOf(request).userId, page)
      const rows = events.map(({ id, kind, client, address, userAgent, createdAt }) => ({
        id: String(id),
        kind,
        client,
        address,
        user_agent: userAgent,
        created: createdAt,
      }))
      return representPage({ page, count, publicUrl: config.publicUrl, url: request.url }, rows)
    },
  )
}

function currentKey({ principal }: FastifyRequest): string | undefined {
  return principal.kind === 'user' ? principal.session?.key : undefined
}

function representSession(row: Session, current: string | undefined): z.output<typeof session> {
  const id = keyOfSession(row)
  return {
    id,
    user_agent: row.userAgent,
    address: row.address,
    created: row.createdAt,
    last_seen: row.lastSeenAt,
    current: id === current,
  }
}

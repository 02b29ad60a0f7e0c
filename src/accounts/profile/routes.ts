import type { z } from 'zod'
import { signListenToken } from '../../access/listen-tokens.ts'
import { userOf } from '../../access/principal.ts'
import { readQuota } from '../../media/quota.ts'
import type { Routes } from '../../services.ts'
import { changeProfile, findProfile, mergeSettings, type ProfileChanges, requireOwnName } from './profile.ts'
import { representOwnProfile, representProfile } from './representation.ts'
import {
  changedProfile,
  clientSettings,
  ownProfile,
  profileChanges,
  profilePath,
  profileReplacement,
} from './schemas.ts'

/** /api/v1/users */
export const profileRoutes: Routes = async (app, { services }) => {
  const { db, config, podSecrets, settings } = services

  app.get(
    '/me',
    {
      config: { access: { scope: 'read:profile' }, throttle: 'wildcard' },
      schema: { summary: 'Who is calling', response: { 200: ownProfile } },
    },
    async (request, reply) => {
      const { userId, scopes } = userOf(request)
      const user = await findProfile(db, userId)
      const mayListen = scopes.has('read:libraries')
      const shown = representOwnProfile(user, {
        publicUrl: config.publicUrl,
        quota: await readQuota(db, userId, user.uploadQuotaMb ?? settings.get('users__upload_quota')),
        defaultPermissions: settings.get('users__default_permissions'),
        listenToken: mayListen ? signListenToken(podSecrets.listen, user, new Date()) : undefined,
      })
      return reply.header('cache-control', 'no-store').send(shown)
    },
  )

  app.post(
    '/settings',
    {
      config: { access: { scope: 'write:profile' }, throttle: 'wildcard' },
      schema: { summary: 'Remember settings of a client', body: clientSettings, response: { 200: clientSettings } },
    },
    async (request, reply) => {
      const { csrfmiddlewaretoken: _, ...added } = request.body
      const all = await mergeSettings(db, userOf(request).userId, added)
      return reply.header('cache-control', 'no-store').send(all)
    },
  )

  for (const [method, body] of [['PATCH', profileChanges] as const, ['PUT', profileReplacement] as const]) {
    app.route({
      method,
      url: '/:username',
      config: { access: { scope: 'write:profile' }, throttle: 'update' },
      schema: { summary: 'Change your profile', params: profilePath, body, response: { 200: changedProfile } },
      preValidation: async (request) => {
        const { username } = request.params as z.output<typeof profilePath>
        await requireOwnName(db, userOf(request).userId, username)
      },
      handler: async (request, reply) => {
        const profile = await changeProfile(services, userOf(request).userId, changesOf(request.body))
        return reply.header('cache-control', 'no-store').send(representProfile(profile, config.publicUrl))
      },
    })
  }
}

function summaryOf({ summary }: z.output<typeof profileChanges>): ProfileChanges['summary'] {
  if (summary === undefined) return undefined
  return summary?.text ? { text: summary.text, type: summary.content_type } : null
}

function changesOf(body: z.output<typeof profileChanges>): ProfileChanges {
  const { name, avatar, privacy_level: privacyLevel } = body
  return {
    name,
    avatar,
    privacyLevel,
    summary: summaryOf(body),
    instanceSupportMessageDisplayAt: body.instance_support_message_display_date,
    funkwhaleSupportMessageDisplayAt: body.funkwhale_support_message_display_date,
  }
}

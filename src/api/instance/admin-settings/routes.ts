import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../../access/principal.ts'
import { notFound } from '../../../lib/problem.ts'
import type { Routes } from '../../../services.ts'
import type { SettingName } from '../../../settings/catalogue.ts'
import { isSettingName } from '../../../settings/settings.ts'
import { changeSetting, changeSettings, isInSection, representSetting, setting, settingNames } from '../settings.ts'

const sectionQuery = z.object({
  section: z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : value), z.string().optional()),
})

const settingPath = z.object({ identifier: z.string() })

const newValue = z.object({ value: z.unknown().refine((value) => value !== undefined, 'This field is required.') })

/** /api/v1/instance/admin/settings: all settings of the pod, for who may manage them. */
export const adminSettingsRoutes: Routes = async (app, { services: { settings } }) => {
  const read = { scope: 'read:instance:settings' } as const
  const write = { scope: 'write:instance:settings' } as const

  app.get(
    '/',
    {
      config: { access: read, throttle: 'list' },
      schema: { summary: 'List all settings', querystring: sectionQuery, response: { 200: z.array(setting) } },
    },
    async ({ query }) =>
      settingNames
        .filter((name) => isInSection(name, query.section || undefined))
        .map((name) => representSetting(settings, name)),
  )

  app.get(
    '/:identifier',
    {
      config: { access: read, throttle: 'retrieve' },
      schema: { summary: 'Show a setting', params: settingPath, response: { 200: setting } },
    },
    async ({ params }) => representSetting(settings, requireName(params.identifier)),
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/:identifier',
      config: { access: write, throttle: 'update' },
      schema: { summary: 'Change a setting', params: settingPath, body: newValue, response: { 200: setting } },
      handler: async (request) => {
        const name = requireName(request.params.identifier)
        await changeSetting(settings, name, request.body.value)
        noteChange(request, [name])
        return representSetting(settings, name)
      },
    })
  }

  app.post(
    '/bulk',
    {
      config: { access: write, throttle: 'wildcard' },
      schema: {
        summary: 'Change several settings, or none',
        body: z.record(z.string(), z.unknown()),
        response: { 200: z.array(setting) },
      },
    },
    async (request) => {
      const { csrfmiddlewaretoken: _, ...given } = request.body
      const names = await changeSettings(settings, given)
      noteChange(request, names)
      return names.map((name) => representSetting(settings, name))
    },
  )
}

function requireName(identifier: string): SettingName {
  if (!isSettingName(identifier)) throw notFound('setting')
  return identifier
}

function noteChange(request: FastifyRequest, names: SettingName[]): void {
  const { userId } = userOf(request)
  request.log.info({ event: 'settings-changed', userId, settings: names, address: request.ip }, 'Settings changed')
}

import { z } from 'zod'
import { assetAddresses } from '../../http/assets.ts'
import type { Routes } from '../../services.ts'
import { makeManifest, manifest } from './manifest.ts'
import { publicSettingNames, representSetting, setting } from './settings.ts'

/** /api/v1/instance: what clients ask a pod before anybody is known. */
export const instanceRoutes: Routes = async (app, { services }) => {
  const { settings } = services
  const { icon } = assetAddresses()

  app.get(
    '/settings',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'List the public settings', response: { 200: z.array(setting) } },
    },
    async (_request, reply) => {
      const shown = publicSettingNames.map((name) => representSetting(settings, name))
      return reply.header('cache-control', 'no-cache').send(shown)
    },
  )

  app.get(
    '/spa-manifest.json',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'Web application manifest', response: { 200: manifest } },
    },
    async (_request, reply) =>
      reply
        .header('content-type', 'application/manifest+json')
        .header('cache-control', 'no-cache')
        .serializer(JSON.stringify)
        .send(makeManifest(services, icon)),
  )
}

const clientConfiguration = z.object({ defaultServerUrl: z.string(), additionalStylesheets: z.array(z.string()) })

/** /settings.json: where Funkwhale's web client looks for its own configuration. */
export const clientConfigurationRoutes: Routes = async (app) => {
  app.get(
    '/settings.json',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: { summary: 'Configuration of a web client', response: { 200: clientConfiguration } },
    },
    async (_request, reply) =>
      reply.header('cache-control', 'no-cache').send({ defaultServerUrl: '', additionalStylesheets: [] }),
  )
}

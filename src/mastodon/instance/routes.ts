import { assetAddresses } from '../../http/assets.ts'
import { readSoftware } from '../../nodeinfo/software.ts'
import { usageCounter } from '../../nodeinfo/usage.ts'
import type { Routes } from '../../services.ts'
import { makeInstanceV1, makeInstanceV2, type Pod } from './documents.ts'
import { instanceV1, instanceV2 } from './schemas.ts'

/** What clients of Mastodon ask a server before anything else. */
export const mastodonInstanceRoutes: Routes = async (app, { services }) => {
  const pod: Pod = { services, software: readSoftware(), picture: assetAddresses().header }
  const usage = usageCounter(services.db)

  app.get(
    '/api/v1/instance',
    {
      config: { access: 'public', throttle: 'wildcard', anyBearer: true },
      schema: { summary: 'What this pod is, as Mastodon 3 tells it', response: { 200: instanceV1 } },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send(makeInstanceV1(pod, await usage())),
  )

  app.get(
    '/api/v2/instance',
    {
      config: { access: 'public', throttle: 'wildcard', anyBearer: true },
      schema: { summary: 'What this pod is, as Mastodon 4 tells it', response: { 200: instanceV2 } },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send(makeInstanceV2(pod, await usage())),
  )
}

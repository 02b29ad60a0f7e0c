import { uuidPath } from '../../http/row-ids.ts'
import type { Routes } from '../../services.ts'
import { audioAnswers } from './audio-answers.ts'
import { audio, listenQuery, streamPath, streamQuery } from './schemas.ts'

const config = {
  access: { scope: 'read:libraries', anonymous: 'setting' },
  throttle: 'retrieve',
  tokenInQuery: true,
} as const

const description =
  'Takes `Range` and conditional requests. Media elements may send a listen token of `users/me`, or an access token, as `?token=`.'

const response = { 200: audio, 206: audio }

/** /api/v1: the sound itself, whatever the `Accept` header says. */
export const listenRoutes: Routes = async (app, { services }) => {
  const answers = audioAnswers(services)
  app.addHook('preClose', () => answers.stop())

  app.route({
    method: ['GET', 'HEAD'],
    url: '/listen/:uuid',
    config,
    schema: { summary: 'Listen to a track', description, params: uuidPath, querystring: listenQuery, response },
    handler: async (request, reply) => {
      const { upload, to, max_bitrate: maxBitrate, download = 'true' } = request.query
      const asked = { track: request.params.uuid, upload, wish: { to, maxBitrate }, isDownload: download === 'true' }
      await answers.send(request, reply, asked)
      return reply
    },
  })

  app.route({
    method: ['GET', 'HEAD'],
    url: '/stream/:file',
    config,
    schema: {
      summary: 'Listen to a track as MP3',
      description,
      params: streamPath,
      querystring: streamQuery,
      response,
    },
    handler: async (request, reply) => {
      await answers.send(request, reply, { track: request.params.file, wish: { to: 'mp3' }, isDownload: false })
      return reply
    },
  })
}

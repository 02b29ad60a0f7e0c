import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { pageOf, readPage, representPage } from '../../http/pagination.ts'
import { uuidPath } from '../../http/row-ids.ts'
import { refuseInvalid } from '../../http/validation.ts'
import { notFound } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import { createAudioIntake } from './audio-intake.ts'
import { actOnUploads } from './bulk-actions.ts'
import { changeUpload, createUpload } from './create-upload.ts'
import { readFileMetadata } from './file-metadata.ts'
import { showUploads, type UploadRow } from './representation.ts'
import {
  actionResult,
  fileMetadata,
  newUpload,
  type UploadOnWire,
  upload,
  uploadAction,
  uploadChanges,
  uploadQuery,
} from './schemas.ts'
import { deleteUpload, findOwnDraft, findVisibleUpload, listUploads } from './uploads.ts'

/** /api/v1/uploads: audio files, and what becomes of them. */
export const uploadRoutes: Routes = async (app, { services }) => {
  const { db, config } = services
  const { publicUrl } = config
  const intake = createAudioIntake(services)
  app.addHook('onResponse', (request) => intake.discardRest(request))
  // Who has gone away gets no response.
  app.addHook('onError', (request) => intake.discardRest(request))

  async function show(row: UploadRow, viewer: Viewer): Promise<UploadOnWire> {
    const [shown] = await showUploads(db, { publicUrl, viewer }, [row])
    if (shown === undefined) throw notFound('library of an upload')
    return shown
  }

  app.get(
    '/',
    {
      config: { access: { scope: 'read:libraries' }, throttle: 'list' },
      schema: { summary: 'List your uploads', querystring: uploadQuery, response: { 200: pageOf(upload) } },
    },
    async (request) => {
      const [page, viewer] = [readPage(request.query), { userId: userOf(request).userId }]
      const { count, uploads } = await listUploads(db, { publicUrl, viewer }, { query: request.query, page })
      const shown = await showUploads(db, { publicUrl, viewer }, uploads)
      return representPage({ page, count, publicUrl, url: request.url }, shown)
    },
  )

  app.post(
    '/',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'create', takeFile: intake.takeFile },
      schema: {
        summary: 'Upload an audio file',
        consumes: ['multipart/form-data'],
        body: newUpload,
        response: { 201: upload },
      },
    },
    async (request, reply) => {
      const row = await createUpload(services, userOf(request).userId, request.body)
      intake.keep(request, request.body.audio_file)
      return reply.code(201).send(await show(row, viewerOf(request)))
    },
  )

  app.post(
    '/action',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'wildcard' },
      schema: { summary: 'Do the same to many of your uploads', body: uploadAction, response: { 200: actionResult } },
    },
    async (request) => actOnUploads(services, { publicUrl, viewer: { userId: userOf(request).userId } }, request.body),
  )

  app.get(
    '/:uuid',
    {
      config: { access: { scope: 'read:libraries', anonymous: 'setting' }, throttle: 'retrieve' },
      schema: { summary: 'Show an upload you may play', params: uuidPath, response: { 200: upload } },
    },
    async (request) => {
      const viewer = viewerOf(request)
      return show(await findVisibleUpload(db, viewer, request.params.uuid), viewer)
    },
  )

  for (const [method, body] of [['PATCH', uploadChanges] as const, ['PUT', newUpload] as const]) {
    app.route({
      method,
      url: '/:uuid',
      config: { access: { scope: 'write:libraries' }, throttle: 'update', takeFile: intake.takeFile },
      schema: { summary: 'Change your draft', params: uuidPath, body, response: { 200: upload } },
      attachValidation: true,
      handler: async (request) => {
        const own = { uuid: request.params.uuid, ownerId: userOf(request).userId }
        await refuseInvalid(request, () => findOwnDraft(db, own))
        const row = await changeUpload(services, own, request.body)
        intake.keep(request, request.body.audio_file)
        return show(row, viewerOf(request))
      },
    })
  }

  app.delete(
    '/:uuid',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'destroy' },
      schema: { summary: 'Delete your upload', params: uuidPath, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await deleteUpload(services, { uuid: request.params.uuid, ownerId: userOf(request).userId })
      return reply.code(204).send()
    },
  )

  app.get(
    '/:uuid/audio-file-metadata',
    {
      config: { access: { scope: 'read:libraries' }, throttle: 'retrieve' },
      schema: {
        summary: 'Show what the file of your upload says of itself',
        params: uuidPath,
        response: { 200: fileMetadata },
      },
    },
    async (request) => readFileMetadata(services, { uuid: request.params.uuid, ownerId: userOf(request).userId }),
  )
}

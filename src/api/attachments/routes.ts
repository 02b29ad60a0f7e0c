import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { fileOnTheWire, uploadedFile } from '../../http/multipart.ts'
import { uuidPath } from '../../http/row-ids.ts'
import { notFound } from '../../lib/problem.ts'
import { addAttachment, deleteAttachment, findAttachment } from '../../media/attachments.ts'
import { largestUploadBytes, mayNamePicture, mimetypeOf, pictureVersions } from '../../media/pictures.ts'
import { attachment, attachmentUrl, representAttachment } from '../../media/representation.ts'
import type { Routes } from '../../services.ts'

const pictureFile = uploadedFile
  .refine(({ name }) => mayNamePicture(name), 'The name of the file has to end with .jpg, .jpeg, .png, .webp or .gif.')
  .meta(fileOnTheWire)

const proxyQuery = z.object({ next: z.enum(pictureVersions).catch('original') })

/** /api/v1/attachments: pictures that other objects show. */
export const attachmentRoutes: Routes = async (app, { services: { db, config, pictures } }) => {
  const { publicUrl } = config

  app.post(
    '/',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'create', largestFile: largestUploadBytes },
      schema: {
        summary: 'Upload a picture: JPEG, PNG, WebP or GIF',
        consumes: ['multipart/form-data'],
        body: z.object({ file: pictureFile }),
        response: { 201: attachment },
      },
    },
    async (request, reply) => {
      const upload = { ownerId: userOf(request).userId, bytes: request.body.file.bytes }
      const row = await addAttachment(db, pictures, upload)
      return reply.code(201).send(representAttachment(row, publicUrl))
    },
  )

  app.get(
    '/:uuid',
    {
      config: { access: { scope: 'read:libraries', anonymous: 'setting' }, throttle: 'retrieve' },
      schema: { summary: 'Show a picture’s details', params: uuidPath, response: { 200: attachment } },
    },
    async (request) => representAttachment(await findAttachment(db, request.params.uuid), publicUrl),
  )

  app.get(
    '/:uuid/proxy',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: {
        summary: 'Go to a picture’s file',
        params: uuidPath,
        querystring: proxyQuery,
        response: { 302: z.undefined() },
      },
    },
    async (request, reply) => {
      const row = await findAttachment(db, request.params.uuid)
      return reply.redirect(attachmentUrl(row, request.query.next, publicUrl), 302)
    },
  )

  app.delete(
    '/:uuid',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'destroy' },
      schema: { summary: 'Delete your picture', params: uuidPath, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await deleteAttachment(db, pictures, { uuid: request.params.uuid, ownerId: userOf(request).userId })
      return reply.code(204).send()
    },
  )
}

const filePath = z.object({ uuid: z.string(), file: z.string() })

/** /media/attachments: the files themselves. Their addresses cannot be guessed, and what is there never changes. */
export const pictureFileRoutes: Routes = async (app, { services: { pictures } }) => {
  app.get(
    '/:uuid/:file',
    { config: { access: 'public', throttle: 'none' }, schema: { params: filePath } },
    async (request, reply) => {
      const found = await pictures.read(request.params.uuid, request.params.file)
      if (found === undefined) throw notFound('picture')
      return reply
        .type(mimetypeOf(found.format))
        .header('content-length', found.size)
        .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(found.content)
    },
  )
}

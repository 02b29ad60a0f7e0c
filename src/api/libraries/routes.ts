import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import type { Library } from '../../db/generated/client.ts'
import { pageOf, pageQuery, readPage, representPage } from '../../http/pagination.ts'
import { uuidPath } from '../../http/row-ids.ts'
import { refuseInvalid } from '../../http/validation.ts'
import { notFound } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { libraryFollow } from '../public-libraries/schemas.ts'
import { viewerOf } from '../viewer.ts'
import { changeLibrary, createLibrary, deleteLibrary, findLibrary, findOwnLibrary, listLibraries } from './libraries.ts'
import { showLibraries } from './representation.ts'
import { type LibraryOnWire, library, libraryChanges, libraryQuery, newLibrary } from './schemas.ts'

/** /api/v1/libraries: where people keep their audio files; they say who may play them. */
export const libraryRoutes: Routes = async (app, { services }) => {
  const { db, config } = services
  const { publicUrl } = config

  async function show(row: Library): Promise<LibraryOnWire> {
    const shown = (await showLibraries(db, publicUrl, [row])).get(row.id)
    if (shown === undefined) throw notFound('library')
    return shown
  }

  app.get(
    '/',
    {
      config: { access: { scope: 'read:libraries', anonymous: 'setting' }, throttle: 'list' },
      schema: {
        summary: 'List the libraries you may see',
        querystring: libraryQuery,
        response: { 200: pageOf(library) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      const looking = { viewer: viewerOf(request), publicUrl }
      const { count, libraries } = await listLibraries(db, looking, { query: request.query, page })
      const shown = await showLibraries(db, publicUrl, libraries)
      return representPage({ page, count, publicUrl, url: request.url }, [...shown.values()])
    },
  )

  app.post(
    '/',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'create' },
      schema: { summary: 'Create a library', body: newLibrary, response: { 201: library } },
    },
    async (request, reply) => {
      const row = await createLibrary(db, userOf(request).userId, fieldsOf(request.body))
      return reply.code(201).send(await show(row))
    },
  )

  app.get(
    '/:uuid',
    {
      config: { access: { scope: 'read:libraries', anonymous: 'setting' }, throttle: 'retrieve' },
      schema: { summary: 'Show a library', params: uuidPath, response: { 200: library } },
    },
    async (request) => show(await findLibrary(db, request.params.uuid)),
  )

  app.get(
    '/:uuid/follows',
    {
      config: { access: { scope: 'read:libraries' }, throttle: 'list' },
      schema: {
        summary: 'List who follows your library: nobody',
        params: uuidPath,
        querystring: pageQuery,
        response: { 200: pageOf(libraryFollow) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      await findOwnLibrary(db, { uuid: request.params.uuid, ownerId: userOf(request).userId })
      return representPage({ page, count: 0, publicUrl, url: request.url }, [])
    },
  )

  for (const [method, body] of [['PATCH', libraryChanges] as const, ['PUT', newLibrary] as const]) {
    app.route({
      method,
      url: '/:uuid',
      config: { access: { scope: 'write:libraries' }, throttle: 'update' },
      schema: { summary: 'Change your library', params: uuidPath, body, response: { 200: library } },
      attachValidation: true,
      handler: async (request) => {
        const own = { uuid: request.params.uuid, ownerId: userOf(request).userId }
        await refuseInvalid(request, () => findOwnLibrary(db, own))
        return show(await changeLibrary(db, own, fieldsOf(request.body)))
      },
    })
  }

  app.delete(
    '/:uuid',
    {
      config: { access: { scope: 'write:libraries' }, throttle: 'destroy' },
      schema: {
        summary: 'Delete your library and all that is in it',
        params: uuidPath,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await deleteLibrary(services, { uuid: request.params.uuid, ownerId: userOf(request).userId })
      return reply.code(204).send()
    },
  )
}

function fieldsOf<Fields extends z.output<typeof libraryChanges>>({ privacy_level: privacyLevel, ...rest }: Fields) {
  return { ...rest, privacyLevel }
}

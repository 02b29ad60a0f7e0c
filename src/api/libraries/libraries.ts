import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import type { Library, Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { notFound } from '../../lib/problem.ts'
import { isUuid } from '../../media/picture-files.ts'
import { filesOf, removeFiles } from '../../media/upload-files.ts'
import type { Services } from '../../services.ts'
import { readOrdering } from '../listing/ordering.ts'
import { readScope, usersInScope } from '../listing/scope.ts'
import { literally, searchTerms } from '../listing/terms.ts'
import { type Viewer, visibleLibraries } from '../viewer.ts'
import type { libraryQuery } from './schemas.ts'

export interface LibraryFields {
  name: string
  description?: string | null | undefined
  privacyLevel?: string | undefined
}

export async function createLibrary(db: Database, ownerId: number, fields: LibraryFields): Promise<Library> {
  const { name, description = null, privacyLevel = 'me' } = fields
  return db.library.create({
    data: { uuid: randomUUID(), ownerId, name, description, privacyLevel, createdAt: new Date() },
  })
}

type LibraryChanges = { [Field in keyof LibraryFields]?: LibraryFields[Field] | undefined }

/**
 * Anybody's: who knows a library's uuid may read of it.
 * @throws Problem `not_found`
 */
export async function findLibrary(db: Database, uuid: string): Promise<Library> {
  const found = isUuid(uuid) ? await db.library.findUnique({ where: { uuid } }) : null
  if (found === null) throw notFound('library')
  return found
}

interface Own {
  uuid: string
  ownerId: number
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function changeLibrary(
  db: Database,
  own: Own,
  { name, description, privacyLevel }: LibraryChanges,
): Promise<Library> {
  const { id } = await findOwnLibrary(db, own)
  const data = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(privacyLevel !== undefined && { privacyLevel }),
  }
  return db.library.update({ where: { id }, data })
}

/**
 * Deletes a library with its uploads and their files; tracks, albums and artists stay.
 * @throws Problem `not_found`, also when it is somebody else's
 */
export async function deleteLibrary({ db, media }: Pick<Services, 'db' | 'media'>, own: Own): Promise<void> {
  const { id } = await findOwnLibrary(db, own)
  const files = await filesOf(db, { libraryId: id })
  await db.library.deleteMany({ where: { id } })
  await removeFiles(media, files)
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function findOwnLibrary(db: Database, { uuid, ownerId }: Own): Promise<Library> {
  const found = await findLibrary(db, uuid)
  if (found.ownerId !== ownerId) throw notFound('library of this user')
  return found
}

const sortable = ['name', 'creation_date'] as const

const columnOf = { name: 'name', creation_date: 'createdAt' } as const

/** Those that the viewer may see, newest first unless ordered otherwise. */
export async function listLibraries(
  db: Database,
  { viewer, publicUrl }: { viewer: Viewer; publicUrl: string },
  { query, page }: { query: z.output<typeof libraryQuery>; page: Pick<Page, 'skip' | 'take'> },
): Promise<{ count: number; libraries: Library[] }> {
  const owner = usersInScope(readScope(query.scope, viewer, publicUrl))
  const words = searchTerms(query.q).map((term) => ({
    name: { contains: literally(term), mode: 'insensitive' as const },
  }))
  const where: Prisma.LibraryWhereInput = {
    AND: [visibleLibraries(viewer), ...words],
    ...(query.privacy_level !== undefined && { privacyLevel: query.privacy_level }),
    ...(owner !== undefined && { owner }),
  }
  const asked = readOrdering(query.ordering, sortable).map(({ field, isDescending }) => ({
    [columnOf[field]]: isDescending ? ('desc' as const) : ('asc' as const),
  }))
  const orderBy = [...(asked.length > 0 ? asked : [{ createdAt: 'desc' as const }]), { id: 'desc' as const }]
  const [count, libraries] = await Promise.all([
    db.library.count({ where }),
    db.library.findMany({ where, orderBy, skip: page.skip, take: page.take }),
  ])
  return { count, libraries }
}

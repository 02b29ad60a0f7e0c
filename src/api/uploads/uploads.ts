import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import type { Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { invalidField, notFound } from '../../lib/problem.ts'
import { isUuid } from '../../media/picture-files.ts'
import { importStatuses } from '../../media/quota.ts'
import { filesOf, removeFiles } from '../../media/upload-files.ts'
import type { Services } from '../../services.ts'
import { readOrdering } from '../listing/ordering.ts'
import { badChoice } from '../listing/parameters.ts'
import { readScope, usersInScope } from '../listing/scope.ts'
import { playableUploads, type Viewer } from '../viewer.ts'
import type { UploadRow } from './representation.ts'
import type { uploadFilters, uploadQuery } from './schemas.ts'
import { searchUploads } from './search-language.ts'

export const withLibrary = { library: true } as const satisfies Prisma.UploadInclude

export interface OwnUpload {
  uuid: string
  ownerId: number
}

/** @throws Problem `not_found`, also when it is somebody else's */
export async function findOwnUpload(
  db: Database,
  { uuid, ownerId }: OwnUpload,
  also: Prisma.UploadWhereInput = {},
): Promise<UploadRow> {
  return findUpload(db, uuid, { AND: [{ library: { ownerId } }, also] })
}

/** @throws Problem `not_found` when it is no draft or somebody else's */
export function findOwnDraft(db: Database, own: OwnUpload): Promise<UploadRow> {
  return findOwnUpload(db, own, { importStatus: 'draft' })
}

/**
 * One that the viewer may play, or that is theirs.
 * @throws Problem `not_found`
 */
export async function findVisibleUpload(db: Database, viewer: Viewer, uuid: string): Promise<UploadRow> {
  const own = viewer.userId === undefined ? [] : [{ library: { ownerId: viewer.userId } }]
  return findUpload(db, uuid, { OR: [playableUploads(viewer), ...own] })
}

async function findUpload(db: Database, uuid: string, where: Prisma.UploadWhereInput): Promise<UploadRow> {
  const found = isUuid(uuid)
    ? await db.upload.findFirst({ where: { AND: [{ uuid }, where] }, include: withLibrary })
    : null
  if (found === null) throw notFound('upload')
  return found
}

/**
 * Deletes an upload and its files; the track stays.
 * @throws Problem `not_found`, also when it is somebody else's
 */
export async function deleteUpload({ db, media }: Pick<Services, 'db' | 'media'>, own: OwnUpload): Promise<void> {
  const { id } = await findOwnUpload(db, own)
  await deleteUploads({ db, media }, { id })
}

export async function deleteUploads(
  { db, media }: Pick<Services, 'db' | 'media'>,
  where: Prisma.UploadWhereInput,
): Promise<number> {
  const files = await filesOf(db, where)
  const { count } = await db.upload.deleteMany({ where })
  await removeFiles(media, files)
  return count
}

interface Looking {
  publicUrl: string
  viewer: Viewer & { userId: number }
}

/**
 * What of somebody's own uploads these filters let through.
 * @throws Problem `invalid` naming `import_status`
 */
export function ownUploads(
  { publicUrl, viewer }: Looking,
  filters: z.output<typeof uploadFilters>,
): Prisma.UploadWhereInput {
  const owner = usersInScope(readScope(filters.scope, viewer, publicUrl))
  const statuses = statusesIn(filters)
  const playable = playableUploads(viewer)
  const all: (Prisma.UploadWhereInput | false)[] = [
    { library: { ownerId: viewer.userId } },
    ...searchUploads(filters.q),
    owner !== undefined && { library: { owner } },
    filters.library !== undefined && { library: { uuid: filters.library } },
    // There are none.
    filters.channel !== undefined && { id: { in: [] } },
    filters.track !== undefined && { track: { uuid: filters.track } },
    filters.track_artist !== undefined && { track: { artist: { uuid: filters.track_artist } } },
    filters.album_artist !== undefined && { track: { album: { artist: { uuid: filters.album_artist } } } },
    statuses.length > 0 && { importStatus: { in: statuses } },
    filters.import_reference !== undefined && { importReference: filters.import_reference },
    filters.mimetype !== undefined && { mimetype: filters.mimetype },
    filters.playable === true && playable,
    filters.playable === false && { NOT: playable },
  ]
  return { AND: all.filter((one) => one !== false) }
}

/** @throws Problem `invalid` naming `import_status` */
function statusesIn({ import_status: statuses, 'import_status[]': bracketed }: z.output<typeof uploadFilters>) {
  const asked = [...statuses, ...bracketed]
  const unknown = asked.find((status) => !importStatuses.some((one) => one === status))
  if (unknown !== undefined) throw invalidField('import_status', badChoice(unknown))
  return asked
}

const columns = { creation_date: 'createdAt', import_date: 'importedAt', bitrate: 'bitrate', size: 'size' } as const

const sortable = ['creation_date', 'import_date', 'bitrate', 'size'] as const

/** Newest first unless ordered otherwise. */
export async function listUploads(
  db: Database,
  looking: Looking,
  { query, page }: { query: z.output<typeof uploadQuery>; page: Pick<Page, 'skip' | 'take'> },
): Promise<{ count: number; uploads: UploadRow[] }> {
  const where = ownUploads(looking, query)
  const orderBy = [...orderOf(query.ordering), { id: 'desc' as const }]
  const [count, uploads] = await Promise.all([
    db.upload.count({ where }),
    db.upload.findMany({ where, orderBy, include: withLibrary, skip: page.skip, take: page.take }),
  ])
  return { count, uploads }
}

function orderOf(ordering: string | undefined): Prisma.UploadOrderByWithRelationInput[] {
  const asked = readOrdering(ordering, sortable)
  if (asked.length === 0) return [{ createdAt: 'desc' }]
  return asked.map(({ field, isDescending }) => {
    const sort = isDescending ? 'desc' : 'asc'
    return field === 'creation_date' ? { createdAt: sort } : { [columns[field]]: { sort, nulls: 'last' } }
  })
}

import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import type { Page } from '../../http/pagination.ts'
import { notFound } from '../../lib/problem.ts'
import { isUuid } from '../../media/picture-files.ts'
import type { Services } from '../../services.ts'
import { showLibraries } from '../libraries/representation.ts'
import type { Looking } from '../listeners/track-events.ts'
import { listIds } from '../listing/list-ids.ts'
import { isPlayableUpload, visibleLibraries } from '../viewer.ts'
import type { PublicLibraryOnWire } from './schemas.ts'

/** What libraries are looked for by; an actor's are that user's own. */
export type Holding = 'artists' | 'albums' | 'tracks' | 'actors'

/** Conditions on `uploads AS u` and its track `AS t`. */
const holds: Record<Holding, (id: number) => Prisma.Sql> = {
  artists: (id) => Prisma.sql`(t.artist_id = ${id}
    OR t.album_id IN (SELECT b.id FROM albums b WHERE b.artist_id = ${id}))`,
  albums: (id) => Prisma.sql`t.album_id = ${id}`,
  tracks: (id) => Prisma.sql`t.id = ${id}`,
  actors: (id) => Prisma.sql`u.library_id IN (SELECT o.id FROM libraries o WHERE o.owner_id = ${id})`,
}

/** Libraries with something in them of what is named that the viewer may play, newest first. */
export async function listHolding(
  { db, counts }: Pick<Services, 'db' | 'counts'>,
  looking: Looking,
  { kind, id, page }: { kind: Holding; id: number; page: Page },
): Promise<{ count: number; results: PublicLibraryOnWire[] }> {
  const where = [
    Prisma.sql`e.id IN (SELECT u.library_id FROM uploads u JOIN tracks t ON t.id = u.track_id
      WHERE ${holds[kind](id)} AND ${isPlayableUpload(looking.viewer)})`,
  ]
  const newestFirst = [Prisma.sql`e.created_at`, Prisma.sql`e.id`].map((by) => ({ by, isDescending: true }))
  const selection = { from: Prisma.sql`libraries e`, where, orderBy: newestFirst }
  const { count, ids } = await listIds({ db, counts }, selection, page)
  return { count, results: await show(db, looking, ids) }
}

async function show(db: Database, { publicUrl }: Looking, ids: number[]): Promise<PublicLibraryOnWire[]> {
  const libraries = await db.library.findMany({ where: { id: { in: ids } } })
  const shown = await showLibraries(db, publicUrl, libraries)
  return ids.flatMap((id) => {
    const library = shown.get(id)
    return library === undefined ? [] : [{ ...library, follow: null, latest_scan: null }]
  })
}

/** @throws Problem `not_found`, also when the viewer may not see it */
export async function showVisibleLibrary(db: Database, looking: Looking, uuid: string): Promise<PublicLibraryOnWire> {
  const where = { AND: [{ uuid }, visibleLibraries(looking.viewer)] }
  const found = isUuid(uuid) ? await db.library.findFirst({ where }) : null
  const [shown] = found === null ? [] : await show(db, looking, [found.id])
  if (shown === undefined) throw notFound('library')
  return shown
}

const tables = { artists: 'artist', albums: 'album', tracks: 'track' } as const

/** @throws Problem `not_found` */
export async function requireInCatalogue(db: Database, kind: keyof typeof tables, id: number): Promise<void> {
  const [found] = await db.$queryRaw<unknown[]>`SELECT 1 FROM ${Prisma.raw(kind)} WHERE id = ${id}`
  if (found === undefined) throw notFound(tables[kind])
}

import type { Database } from '../../db/database.ts'
import { type Library, Prisma } from '../../db/generated/client.ts'
import { representActor } from '../actors/representation.ts'
import { fidOf } from '../addresses.ts'
import type { LibraryOnWire } from './schemas.ts'

interface Contents {
  libraryId: number
  uploads: number
  size: number
}

/** Libraries as they are shown, by row id: their owners and what is in them in two statements. */
export async function showLibraries(
  db: Database,
  publicUrl: string,
  libraries: readonly Library[],
): Promise<Map<number, LibraryOnWire>> {
  if (libraries.length === 0) return new Map()
  const [owners, contents] = await Promise.all([
    db.user.findMany({ where: { id: { in: libraries.map(({ ownerId }) => ownerId) } } }),
    contentsOf(db, libraries),
  ])
  const ownerById = new Map(owners.map((owner) => [owner.id, owner]))
  const shown = libraries.flatMap((library): [number, LibraryOnWire][] => {
    const owner = ownerById.get(library.ownerId)
    // Deleted a moment ago.
    if (owner === undefined) return []
    const { uploads = 0, size = 0 } = contents.get(library.id) ?? {}
    return [
      [
        library.id,
        {
          uuid: library.uuid,
          fid: fidOf('libraries', library.uuid, publicUrl),
          name: library.name,
          description: library.description,
          privacy_level: library.privacyLevel,
          uploads_count: uploads,
          size,
          creation_date: library.createdAt,
          actor: representActor(owner, publicUrl),
        },
      ],
    ]
  })
  return new Map(shown)
}

async function contentsOf(db: Database, libraries: readonly Library[]): Promise<Map<number, Contents>> {
  const ids = libraries.map(({ id }) => id)
  const rows = await db.$queryRaw<Contents[]>(Prisma.sql`
    SELECT library_id AS "libraryId", count(*)::int AS uploads, coalesce(sum(size), 0)::float8 AS size
    FROM uploads WHERE library_id = ANY(${ids}::int[]) GROUP BY library_id`)
  return new Map(rows.map((row) => [row.libraryId, row]))
}

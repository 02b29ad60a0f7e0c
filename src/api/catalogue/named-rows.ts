import type { Database } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'
import { isInScope, type Scope } from '../listing/scope.ts'
import { isVisibleLibrary, type Viewer } from '../viewer.ts'

interface Names {
  tags: string[]
  /** The uuid of a library. */
  library: string | undefined
  scope: Exclude<Scope, string> | undefined
}

/** What a query names, by id; undefined = it names none of this kind. */
export interface NamedRows {
  /** Of each tag that there is. */
  tags: number[]
  /** None = there is no such library that the viewer may see. */
  library: number[] | undefined
  /** The libraries of those in the scope. */
  scope: number[] | undefined
}

/** In one statement, or none. */
export async function findNamed(db: Database, viewer: Viewer, { tags, library, scope }: Names): Promise<NamedRows> {
  if (tags.length === 0 && library === undefined && scope === undefined) return { tags: [], library, scope }
  const keys = tags.map((name) => name.toLowerCase())
  const owned = scope === undefined ? Prisma.sql`FALSE` : isInScope(scope, Prisma.sql`l.owner_id`)
  const [row] = await select<{ tags: number[]; library: number[]; scope: number[] }>(
    db,
    Prisma.sql`
    SELECT ARRAY(SELECT id FROM tags WHERE name_key = ANY(${keys}::text[])) AS tags,
      ARRAY(SELECT l.id FROM libraries l WHERE l.uuid = ${library ?? null}::uuid AND ${isVisibleLibrary(viewer)}) AS library,
      ARRAY(SELECT l.id FROM libraries l WHERE ${owned}) AS scope`,
  )
  const found = row ?? { tags: [], library: [], scope: [] }
  return {
    tags: found.tags,
    library: library === undefined ? undefined : found.library,
    scope: scope === undefined ? undefined : found.scope,
  }
}

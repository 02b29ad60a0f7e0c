import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma, type Tag } from '../../db/generated/client.ts'
import { type Page, pageQuery } from '../../http/pagination.ts'
import { notFound } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import { listIds } from '../listing/list-ids.ts'
import { readStrictOrdering } from '../listing/ordering.ts'
import { textFilter } from '../listing/parameters.ts'

export const tagQuery = pageQuery.extend({
  q: textFilter,
  name: textFilter,
  name__startswith: textFilter,
  ordering: textFilter,
})

type TagQuery = z.output<typeof tagQuery>

const orders = {
  name: Prisma.sql`e.name`,
  creation_date: Prisma.sql`e.created_at`,
  length: Prisma.sql`length(e.name)`,
}

/** @throws Problem `invalid` */
export async function listTags(
  { db, counts }: Pick<Services, 'db' | 'counts'>,
  query: TagQuery,
  page: Page,
): Promise<{ count: number; tags: Tag[] }> {
  const asked = readStrictOrdering(query.ordering, ['name', 'creation_date', 'length'])
  const terms = asked.map(({ field, isDescending }) => ({ by: orders[field], isDescending }))
  const orderBy = [...terms, { by: orders.name, isDescending: false }, { by: Prisma.sql`e.id`, isDescending: false }]
  const selection = { from: Prisma.sql`tags e`, where: tagConditions(query), orderBy }
  const { count, ids } = await listIds({ db, counts }, selection, page)
  return { count, tags: await loadTags(db, ids) }
}

function tagConditions({ q, name, name__startswith: start }: TagQuery): Prisma.Sql[] {
  const all = [
    q && containsText(q),
    name && Prisma.sql`e.name = ${name}`,
    start && Prisma.sql`starts_with(e.name, ${start})`,
  ]
  return all.filter((condition) => typeof condition === 'object')
}

/** A condition on `tags AS e`. */
export function containsText(q: string): Prisma.Sql {
  return Prisma.sql`strpos(e.name_key, ${q.toLowerCase()}) > 0`
}

/** In the order of the ids. */
export async function loadTags(db: Database, ids: readonly number[]): Promise<Tag[]> {
  const rows = await db.tag.findMany({ where: { id: { in: [...ids] } } })
  return rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
}

/** @throws Problem `not_found` */
export async function findTag(db: Database, name: string): Promise<Tag> {
  const row = await db.tag.findUnique({ where: { nameKey: name.toLowerCase() } })
  if (row === null) throw notFound('tag')
  return row
}

export function representTag({ name, createdAt }: Pick<Tag, 'name' | 'createdAt'>) {
  return { name, creation_date: createdAt }
}

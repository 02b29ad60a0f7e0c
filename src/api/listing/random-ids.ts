import { type Database, plannedAnew } from '../../db/database.ts'
import { Prisma } from '../../db/generated/client.ts'
import { select } from '../../db/statements.ts'

/** Lists that are no longer than this are shuffled as a whole. */
const shortList = 2_000
/** So many ids are drawn for each row that is wanted; some hit no row, or one that is not in the list. */
const drawsForOne = 10

/** Rows of a list in random order: each as likely as any other. */
export async function randomIds(
  db: Database,
  { from, where }: { from: Prisma.Sql; where: readonly Prisma.Sql[] },
  { count, take }: { count: number; take: number },
): Promise<number[]> {
  const conditions = Prisma.join([Prisma.sql`TRUE`, ...where], ' AND ')
  if (count > shortList) {
    const drawn = await idsOf(
      db,
      // In the order of the draws already, so that no more of them are looked up than are needed.
      Prisma.sql`${plannedAnew}
      SELECT ARRAY(SELECT draws.id FROM (
        SELECT id, min(draw) AS draw FROM (
          SELECT draw, 1 + floor(random() * (SELECT max(e.id) FROM ${from}))::int AS id
          FROM generate_series(1, ${take * drawsForOne}::int) draw
        ) all_draws GROUP BY id ORDER BY draw OFFSET 0
      ) draws, LATERAL (SELECT FROM ${from} WHERE e.id = draws.id AND ${conditions} LIMIT 1) row
      ORDER BY draws.draw LIMIT ${take}) AS ids`,
    )
    if (drawn.length === take) return drawn
  }
  return idsOf(
    db,
    Prisma.sql`${plannedAnew} SELECT ARRAY(SELECT e.id FROM ${from} WHERE ${conditions}
    ORDER BY random() LIMIT ${take}) AS ids`,
  )
}

async function idsOf(db: Database, statement: Prisma.Sql): Promise<number[]> {
  const [row] = await select<{ ids: number[] }>(db, statement)
  return row?.ids ?? []
}

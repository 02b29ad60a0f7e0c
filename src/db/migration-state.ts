import type { Database } from './database.ts'
import { migrationNames } from './migration-files.ts'
import { shippedMigrations } from './migrations.ts'

/** How many migrations of this release the database lacks. One that is newer lacks none. */
export async function missingMigrations(db: Database): Promise<number> {
  const names = await migrationNames(shippedMigrations)
  const [row] = await db.$queryRaw<{ applied: number }[]>`
    SELECT count(DISTINCT migration_name)::int AS applied FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL AND migration_name = ANY(${names})`
  return names.length - (row?.applied ?? 0)
}
